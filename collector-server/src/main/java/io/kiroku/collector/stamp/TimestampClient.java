package io.kiroku.collector.stamp;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.TimestampAnswer;
import io.kiroku.evidence.time.TimestampRequest;
import io.kiroku.evidence.time.TimestampToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks timestamping authorities over HTTP (RFC 3161, section 3.4). Redirections are not followed. */
public final class TimestampClient implements AutoCloseable {
    private static final int OK = 200;

    private final HttpClient http;
    private final SecureRandom random = new SecureRandom();
    private final Duration bound;

    /**
     * A client.
     *
     * @param bound from the question to the last byte of the answer
     */
    public TimestampClient(Duration bound) {
        this.bound = bound;
        // HTTP/1.1, so that no authority has to make anything of an attempt at HTTP/2.
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(bound)
                .build();
    }

    /** Has these bytes stamped by their SHA-256, and holds the answer against the question. */
    public StampOutcome ask(URI authority, byte[] note) throws InterruptedException {
        return ask(authority, DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(note));
    }

    /** Has a digest stamped, and holds the answer against the question. */
    public StampOutcome ask(URI authority, DigestAlgorithm digest, Octets imprint) throws InterruptedException {
        TimestampRequest request = TimestampRequest.ofDigest(digest, imprint, random.nextLong());
        HttpRequest post = HttpRequest.newBuilder(authority)
                .header("Content-Type", "application/timestamp-query")
                .header("Accept", "application/timestamp-reply")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.der()))
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(post, TimestampClient::body);
        try {
            return check(request, answer.get(bound.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException late) {
            return new StampOutcome.Failed("expected an answer within %s s, found none".formatted(bound.toSeconds()));
        } catch (ExecutionException failure) {
            return new StampOutcome.Failed("expected an answer, found that " + sentence(failure));
        } finally {
            answer.cancel(true);
        }
    }

    private static HttpResponse.BodySubscriber<byte[]> body(HttpResponse.ResponseInfo answer) {
        return answer.statusCode() == OK
                ? BodySubscribers.limiting(BodySubscribers.ofByteArray(), TimestampToken.MOST_BYTES)
                : BodySubscribers.replacing(new byte[0]);
    }

    private static StampOutcome check(TimestampRequest request, HttpResponse<byte[]> answer) {
        if (answer.statusCode() != OK) {
            return new StampOutcome.Failed("expected the HTTP status 200, found " + answer.statusCode());
        }
        // Some authorities do not state the media type that the RFC asks for: the bytes say what they are.
        return switch (request.check(answer.body())) {
            case TimestampAnswer.Granted granted ->
                new StampOutcome.Stamped(
                        Octets.of(answer.body()), granted.token().time());
            case TimestampAnswer.Refused refused -> new StampOutcome.Failed(refused.sentence());
        };
    }

    private static String sentence(ExecutionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return switch (cause) {
            case ConnectException refused -> "the connection was refused";
            case IOException io when io.getMessage() != null -> io.getMessage();
            default -> "it failed: " + cause.getClass().getSimpleName();
        };
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
