package io.kiroku.collector.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Get;
import com.linecorp.armeria.server.annotation.Post;
import io.kiroku.collector.access.Call;
import io.kiroku.collector.query.Answers;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit over HTTP: {@code POST /api/v1/audit}, to which API servers send what they audit
 * ({@code --audit-webhook-config-file}), and {@code GET /api/v1/audit/events} with the parameters of {@link AuditRequest}. Errors are
 * JSON with one sentence: {@code {"error": "..."}}. An Armeria service; all work is done on its threads for blocking tasks.
 */
public final class AuditApi {
    private static final Logger LOG = LoggerFactory.getLogger(AuditApi.class);

    /** KiB of bodies that are held at once. */
    private static final int MOST_HELD = 64 << 10;

    private static final int MOST_BODY_KIB = EventList.MOST_BODY >> 10;

    /** Answers that are being worked on at once, at most: each holds up to 32 MiB of events. */
    private static final int MOST_ANSWERS = 2;

    private final Path data;
    private final InstantSource clock;
    private final AuditIntake intake;
    private final Semaphore bodies = new Semaphore(MOST_HELD);
    private final Answers answers = new Answers(MOST_ANSWERS);

    /** Whether the last events could not be kept: that is said once. */
    private volatile boolean isFailing;

    /** @param data the collector's data directory */
    public AuditApi(Path data, AuditIntake intake, InstantSource clock) {
        this.data = data;
        this.intake = intake;
        this.clock = clock;
    }

    /**
     * Puts the events of an EventList on record, and answers when they are. What a URL has as parameters (client-go adds its
     * {@code timeout}) is not looked at.
     */
    @Post("/api/v1/audit")
    public HttpResponse take(ServiceRequestContext context, HttpRequest request) {
        // A page in a browser may post anything but JSON anywhere without asking first.
        MediaType type = request.contentType();
        if (type == null || !type.is(MediaType.JSON)) {
            return error(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "expected an EventList as application/json, found %s".formatted(type == null ? "no type" : type));
        }
        long stated = request.headers().contentLength();
        int share = stated < 0 || stated > EventList.MOST_BODY ? MOST_BODY_KIB : (int) (stated >> 10) + 1;
        if (!bodies.tryAcquire(share)) {
            return later("the collector is at work on as many bodies of audit events as it may: try again later");
        }
        CompletableFuture<HttpResponse> answer = request.aggregate()
                .thenApplyAsync(this::take, context.blockingTaskExecutor())
                .whenComplete((_, _) -> bodies.release(share));
        return HttpResponse.of(answer);
    }

    private HttpResponse take(AggregatedHttpRequest request) {
        try {
            int events = intake.take(request.content().array());
            isFailing = false;
            return HttpResponse.of(
                    HttpStatus.OK,
                    MediaType.JSON_UTF_8,
                    JsonNodeFactory.instance.objectNode().put("events", events).toString());
        } catch (MalformedException malformed) {
            LOG.debug("Audit events were refused: {}.", malformed.getMessage());
            return error(HttpStatus.BAD_REQUEST, String.valueOf(malformed.getMessage()));
        } catch (IOException unkept) {
            if (!isFailing) {
                LOG.warn("Audit events cannot be put on record, and are to be sent again: {}.", unkept.toString());
            }
            isFailing = true;
            return later("the collector cannot put these events on record now: see its log");
        }
    }

    /** Every event on record that is asked for, once, to who may read everything. */
    @Get("/api/v1/audit/events")
    public HttpResponse events(ServiceRequestContext context, QueryParams parameters) {
        Call call = Call.of(context);
        return answers.give(context, parameters, map -> AuditRequest.read(map, clock.instant()), (request, answer) -> {
            if (!call.caller().rights().readsEverywhere()) {
                answer.forbidden(
                        "%s (%s) may not read the audit: that takes a role that reads in every namespace and of the nodes"
                                .formatted(call.caller().name(), call.caller().voucher()));
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                AuditTrail.Answer found = AuditTrail.read(store, request, clock.instant());
                found.sources().forEach(call::touches);
                answer.json(AuditJson.write(found));
            }
        });
    }

    private static HttpResponse error(HttpStatus status, String sentence) {
        return HttpResponse.of(status, MediaType.JSON_UTF_8, json(sentence));
    }

    /** client-go waits as long as it is told, and asks again. */
    private static HttpResponse later(String sentence) {
        return HttpResponse.of(
                ResponseHeaders.builder(HttpStatus.SERVICE_UNAVAILABLE)
                        .contentType(MediaType.JSON_UTF_8)
                        .add(HttpHeaderNames.RETRY_AFTER, "1")
                        .build(),
                HttpData.ofUtf8(json(sentence)));
    }

    private static String json(String sentence) {
        return JsonNodeFactory.instance.objectNode().put("error", sentence).toString();
    }
}
