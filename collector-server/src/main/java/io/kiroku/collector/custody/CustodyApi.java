package io.kiroku.collector.custody;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Blocking;
import com.linecorp.armeria.server.annotation.Get;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The custody log over HTTP: {@code GET /api/v1/custody} with the parameters of {@link CustodyRequest}. An Armeria service. */
public final class CustodyApi {
    private static final Logger LOG = LoggerFactory.getLogger(CustodyApi.class);

    private final Path data;
    private final InstantSource clock;

    /** Each reads the whole log. */
    private final Semaphore readings = new Semaphore(2);

    /** @param data the collector's data directory */
    public CustodyApi(Path data, InstantSource clock) {
        this.data = data;
        this.clock = clock;
    }

    @Blocking
    @Get("/api/v1/custody")
    public HttpResponse custody(ServiceRequestContext context, QueryParams parameters) {
        CustodyRequest request;
        try {
            request = CustodyRequest.read(single(parameters), clock.instant());
        } catch (IllegalArgumentException misuse) {
            return error(HttpStatus.BAD_REQUEST, String.valueOf(misuse.getMessage()));
        }
        if (!readings.tryAcquire()) {
            return error(HttpStatus.SERVICE_UNAVAILABLE, "the custody log is being read for others: try again later");
        }
        try {
            context.clearRequestTimeout();
            return json(HttpStatus.OK, CustodyJson.write(CustodyReader.read(data, request)));
        } catch (IOException failure) {
            LOG.warn("The custody log could not be read: {}.", failure.toString());
            return error(HttpStatus.INTERNAL_SERVER_ERROR, "the collector cannot read its store: see its log");
        } finally {
            readings.release();
        }
    }

    private static Map<String, String> single(QueryParams parameters) {
        Map<String, String> map = new HashMap<>();
        parameters.forEach((name, value) -> {
            if (map.put(name, value) != null) {
                throw new IllegalArgumentException("the parameter %s is given twice".formatted(name));
            }
        });
        return map;
    }

    private static HttpResponse error(HttpStatus status, String sentence) {
        return json(status, JsonNodeFactory.instance.objectNode().put("error", sentence));
    }

    private static HttpResponse json(HttpStatus status, JsonNode json) {
        return HttpResponse.of(status, MediaType.JSON_UTF_8, json.toString());
    }
}
