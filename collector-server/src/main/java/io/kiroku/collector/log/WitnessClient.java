package io.kiroku.collector.log;

import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks one witness over HTTP (C2SP tlog-witness). Redirections are not followed, and an answer is bounded in time and length. */
final class WitnessClient {
    /** From the question to the last byte of the answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient http;
    private final WitnessTalk talk;
    private final URI address;

    /** @throws IOException if the policy does not say where the witness is asked, or no URL of HTTP */
    WitnessClient(HttpClient http, Policy.Witness witness) throws IOException {
        this.http = http;
        this.talk = new WitnessTalk(witness);
        String url = witness.url().orElse("");
        try {
            address = new URI(url.replaceAll("/+$", "") + "/add-checkpoint");
        } catch (URISyntaxException noUrl) {
            throw notAnUrl(url);
        }
        boolean isHttp = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!isHttp || address.getHost() == null || address.getUserInfo() != null) {
            throw notAnUrl(url);
        }
    }

    private static IOException notAnUrl(String url) {
        return new IOException(
                "expected where a witness is asked, such as http://witness.example.org, found \"%s\"".formatted(url));
    }

    String name() {
        return "witness " + talk.witness().key().name();
    }

    /** Has a checkpoint cosigned; the tree has as many entries. For one thread at a time. */
    WitnessTalk.Outcome ask(SignedNote checkpoint, TreeReader tree) throws InterruptedException {
        try {
            WitnessTalk.Outcome outcome = once(checkpoint, tree);
            if (outcome instanceof WitnessTalk.Outcome.AskAgain) {
                outcome = once(checkpoint, tree);
            }
            return outcome instanceof WitnessTalk.Outcome.AskAgain
                    ? new WitnessTalk.Outcome.Refused("it names another tree each time that it is asked", false)
                    : outcome;
        } catch (IOException | MalformedException | RuntimeException failure) {
            return new WitnessTalk.Outcome.Refused("it cannot be asked: " + failure, false);
        }
    }

    private WitnessTalk.Outcome once(SignedNote checkpoint, TreeReader tree)
            throws IOException, MalformedException, InterruptedException {
        WitnessRequest request = talk.ask(checkpoint, tree);
        HttpRequest post = HttpRequest.newBuilder(address)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes()))
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(
                post, _ -> BodySubscribers.limiting(BodySubscribers.ofByteArray(), SignedNote.MOST_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            return talk.answered(request, response.statusCode(), response.body());
        } catch (TimeoutException late) {
            throw new IOException("no whole answer within %d s".formatted(PATIENCE.toSeconds()));
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause() == null ? failure : failure.getCause());
        } finally {
            answer.cancel(true);
        }
    }
}
