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
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.Call;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP that read the store: so many at once, each on one of Armeria's threads for blocking tasks. Errors are JSON with
 * one sentence: {@code {"error": "..."}}.
 */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /** As many as a collector may work on at once. */
    public static final int MOST = 16;

    private final Semaphore free;

    /** @param most answers that are being worked on at once */
    public Answers(int most) {
        free = new Semaphore(most);
    }

    /** Work on an answer, which may take long. */
    @FunctionalInterface
    public interface Work<R> {
        void run(R request, Answer answer) throws IOException, InterruptedException, SelectionException;
    }

    /** An answer, of which an error can be made until it has begun. */
    public static final class Answer {
        private final HttpResponseWriter response = HttpResponse.streaming();
        private boolean begun;

        /** Begins the answer. False if the client is gone. */
        boolean begin(HttpStatus status, MediaType type) {
            begun = true;
            return response.tryWrite(ResponseHeaders.builder(status)
                    .contentType(type)
                    .add(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .add(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                    .build());
        }

        /** What follows the beginning. */
        HttpResponseWriter response() {
            return response;
        }

        /** The whole answer. */
        public void json(JsonNode json) {
            json(HttpStatus.OK, json);
        }

        private void json(HttpStatus status, JsonNode json) {
            if (!begin(status, MediaType.JSON_UTF_8) || !response.tryWrite(HttpData.ofUtf8(json.toString()))) {
                LOG.debug("A client went before its answer.");
            }
        }

        /** The caller may not read there. */
        public void notIn(String namespace, Call call) {
            forbidden(
                    "%s (%s) may not read logs in namespace \"%s\": that takes a role that reads there, or in Kubernetes get pods/log"
                            .formatted(call.caller().name(), call.caller().voucher(), namespace));
        }

        /** The caller may not do that, which the sentence says. */
        public void forbidden(String sentence) {
            error(HttpStatus.FORBIDDEN, sentence);
        }

        private void error(HttpStatus status, String sentence) {
            json(status, Answers.error(sentence));
        }

        /** Before the first byte an error for people, after it a connection that breaks. */
        private void fail(HttpStatus status, String sentence, Exception failure) {
            if (begun) {
                response.close(failure);
            } else {
                error(status, sentence);
                response.close();
            }
        }
    }

    /** Gives an answer to a request without parameters. */
    public HttpResponse give(ServiceRequestContext context, Work<Map<String, String>> work) {
        return give(context, QueryParams.of(), Function.identity(), work);
    }

    /**
     * Gives an answer as soon as it is worked out, or says that there is no room for it.
     *
     * @param reader makes a request of the parameters; an IllegalArgumentException is misuse, its message is for people
     */
    public <R> HttpResponse give(
            ServiceRequestContext context,
            QueryParams parameters,
            Function<Map<String, String>, R> reader,
            Work<R> work) {
        if (!free.tryAcquire()) {
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
                    R request;
                    try {
                        request = reader.apply(single(parameters));
                    } catch (IllegalArgumentException misuse) {
                        answer.error(HttpStatus.BAD_REQUEST, String.valueOf(misuse.getMessage()));
                        answer.response.close();
                        return;
                    }
                    run(request, work, answer);
                } finally {
                    free.release();
                }
            });
        } catch (RuntimeException rejected) {
            free.release();
            throw rejected;
        }
        return answer.response;
    }

    private static <R> void run(R request, Work<R> work, Answer answer) {
        try {
            work.run(request, answer);
            answer.response.close();
        } catch (ResponseOutput.GoneException gone) {
            answer.response.close(gone);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            answer.response.close(end);
        } catch (AccessUnavailableException unavailable) {
            answer.fail(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(unavailable.getMessage()), unavailable);
        } catch (SelectionException selection) {
            HttpStatus status = switch (selection.reason()) {
                case UNKNOWN -> HttpStatus.NOT_FOUND;
                case AMBIGUOUS -> HttpStatus.CONFLICT;
            };
            answer.fail(status, selection.sentence(), selection);
        } catch (IOException | RuntimeException failure) {
            LOG.warn("An answer over HTTP could not be given: {}.", failure.toString());
            answer.fail(HttpStatus.INTERNAL_SERVER_ERROR, "the collector cannot read its store: see its log", failure);
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

    private static JsonNode error(String sentence) {
        return JsonNodeFactory.instance.objectNode().put("error", sentence);
    }
}
