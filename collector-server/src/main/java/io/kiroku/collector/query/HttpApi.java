package io.kiroku.collector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.Call;
import io.kiroku.collector.access.Rights;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the collector answers over HTTP: {@code GET /api/v1/sources}, {@code GET /api/v1/gaps} with the parameters of
 * {@link GapRequest}, {@code GET /api/v1/logs} with those of {@link LogParameters}, {@code GET /api/v1/verify}. Errors are JSON with one sentence: {@code {"error": "..."}}. An
 * Armeria service; all work is done on its threads for blocking tasks.
 */
public final class HttpApi {
    /** Answers that are being worked on at once, at most. */
    static final int MOST_ANSWERS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);

    private final Path data;
    private final InstantSource clock;
    private final Semaphore answers = new Semaphore(MOST_ANSWERS);
    private final Semaphore verifications = new Semaphore(1);

    /** @param data the collector's data directory */
    public HttpApi(Path data, InstantSource clock) {
        this.data = data;
        this.clock = clock;
    }

    /** Work on an answer, which may take long. */
    private interface Work {
        void run(Answer answer) throws IOException, InterruptedException;
    }

    /** An answer, of which an error can be made until it has begun. */
    private static final class Answer {
        private final HttpResponseWriter response = HttpResponse.streaming();
        private boolean begun;

        /** Begins the answer. False if the client is gone. */
        private boolean begin(HttpStatus status, MediaType type) {
            begun = true;
            return response.tryWrite(ResponseHeaders.builder(status)
                    .contentType(type)
                    .add(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .add(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                    .build());
        }

        private void json(HttpStatus status, JsonNode json) {
            if (!begin(status, MediaType.JSON_UTF_8) || !response.tryWrite(HttpData.ofUtf8(json.toString()))) {
                LOG.debug("A client went before its answer.");
            }
        }

        private void error(HttpStatus status, String sentence) {
            json(status, HttpApi.error(sentence));
        }

        private void unavailable(AccessUnavailableException unavailable) {
            if (begun) {
                response.close(unavailable);
            } else {
                error(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(unavailable.getMessage()));
                response.close();
            }
        }

        /** Before the first byte an error for people, after it a connection that breaks. */
        private void fail(Exception failure) {
            if (begun) {
                response.close(failure);
            } else {
                error(HttpStatus.INTERNAL_SERVER_ERROR, "the collector cannot read its store: see its log");
                response.close();
            }
        }
    }

    /** Every source ever seen that the caller may read. */
    @Get("/api/v1/sources")
    public HttpResponse sources(ServiceRequestContext context) {
        Rights rights = Call.of(context).caller().rights();
        return answer(context, answers, answer -> {
            try (StoreReader store = StoreReader.open(data)) {
                Sources sources = new Sources();
                store.scan(Position.START, sources::add);
                answer.json(
                        HttpStatus.OK,
                        SourcesJson.write(sources.list(clock.instant()).stream()
                                .filter(source -> Reading.isAllowed(rights, source.path()))
                                .toList()));
            }
        });
    }

    /** Every declared loss of what the caller may read; one of which the source is not known is the node's. */
    @Get("/api/v1/gaps")
    public HttpResponse gaps(ServiceRequestContext context, QueryParams parameters) {
        Rights rights = Call.of(context).caller().rights();
        return answer(context, answers, answer -> {
            GapRequest request;
            try {
                request = GapRequest.read(single(parameters), clock.instant());
            } catch (IllegalArgumentException misuse) {
                answer.error(HttpStatus.BAD_REQUEST, String.valueOf(misuse.getMessage()));
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                Gaps gaps = new Gaps();
                store.scan(Position.START, gaps::add);
                answer.json(
                        HttpStatus.OK,
                        GapsJson.write(gaps.list(request).stream()
                                .filter(loss -> Reading.isAllowed(rights, loss.path()))
                                .toList()));
            }
        });
    }

    /** Logs, as log frames to who accepts them, otherwise as they are. */
    @Get("/api/v1/logs")
    public HttpResponse logs(ServiceRequestContext context, QueryParams parameters, RequestHeaders headers) {
        boolean framed = headers.get(HttpHeaderNames.ACCEPT, "").contains(LogFrames.MEDIA_TYPE);
        Call call = Call.of(context);
        return answer(context, answers, answer -> {
            LogRequest request;
            try {
                request = LogParameters.read(single(parameters), clock.instant());
            } catch (IllegalArgumentException misuse) {
                answer.error(HttpStatus.BAD_REQUEST, String.valueOf(misuse.getMessage()));
                return;
            }
            Optional<String> namespace = request.selection().namespace();
            if (request.selection().pod().isPresent()
                    && namespace.isPresent()
                    && !call.caller().rights().reads(namespace)) {
                answer.error(HttpStatus.FORBIDDEN, notIn(namespace.get(), call));
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                LogQuery query = LogQuery.prepare(
                        store, request, clock.instant(), call.caller().rights());
                query.sources().forEach(source -> call.touches(source.stream() + ":" + source.path()));
                if (answer.begin(HttpStatus.OK, framed ? MediaType.parse(LogFrames.MEDIA_TYPE) : mediaType(request))) {
                    ResponseOutput out = new ResponseOutput(answer.response, framed);
                    out.end(query.write(out));
                }
            } catch (SelectionException selection) {
                HttpStatus status = switch (selection.reason()) {
                    case UNKNOWN -> HttpStatus.NOT_FOUND;
                    case AMBIGUOUS -> HttpStatus.CONFLICT;
                };
                answer.error(status, selection.sentence());
            }
        });
    }

    /** Verifies the whole store; one verification at a time. */
    @Get("/api/v1/verify")
    public HttpResponse verify(ServiceRequestContext context) {
        return answer(context, verifications, answer -> {
            Report report = StoreVerification.verify(data, LogTimes.read(data).check(), (_, _) -> {});
            answer.json(HttpStatus.OK, ReportJson.write(report));
        });
    }

    private static String notIn(String namespace, Call call) {
        return "%s (%s) may not read logs in namespace \"%s\": that takes a role that reads there, or in Kubernetes get pods/log"
                .formatted(call.caller().name(), call.caller().voucher(), namespace);
    }

    private static MediaType mediaType(LogRequest request) {
        return request.raw() ? MediaType.OCTET_STREAM : MediaType.PLAIN_TEXT_UTF_8;
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

    private static HttpResponse answer(ServiceRequestContext context, Semaphore bound, Work work) {
        if (!bound.tryAcquire()) {
            return HttpResponse.of(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    MediaType.JSON_UTF_8,
                    error("the collector is at work on as many answers as it may: try again later")
                            .toString());
        }
        context.clearRequestTimeout();
        Answer answer = new Answer();
        try {
            context.blockingTaskExecutor().execute(() -> {
                try {
                    work.run(answer);
                    answer.response.close();
                } catch (ResponseOutput.GoneException gone) {
                    answer.response.close(gone);
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                    answer.response.close(end);
                } catch (AccessUnavailableException unavailable) {
                    answer.unavailable(unavailable);
                } catch (IOException | RuntimeException failure) {
                    LOG.warn("An answer over HTTP could not be given: {}.", failure.toString());
                    answer.fail(failure);
                } finally {
                    bound.release();
                }
            });
        } catch (RuntimeException rejected) {
            bound.release();
            throw rejected;
        }
        return answer.response;
    }

    private static JsonNode error(String sentence) {
        return JsonNodeFactory.instance.objectNode().put("error", sentence);
    }
}
