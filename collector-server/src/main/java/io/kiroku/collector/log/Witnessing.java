package io.kiroku.collector.log;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has witnesses cosign the log's checkpoint now and then, on a thread of its own. A checkpoint that as many have cosigned
 * as the policy wants is kept in {@code witnessed}, beside {@code checkpoint}. Receipts do not wait for it: what was
 * witnessed later binds all that came before.
 */
public final class Witnessing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witnessing.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_ANSWER = SignedNote.MOST_BYTES;

    private final TransparencyLog log;
    private final LogFiles files;
    private final Policy policy;
    private final Path kept;
    private final Duration every;
    private final List<WitnessTalk> talks = new ArrayList<>();
    private final Map<String, String> troubles = new HashMap<>();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().daemon().name("witnesses").unstarted(this::run);

    private volatile long witnessed;
    private final AtomicLong contradictions = new AtomicLong();

    private Witnessing(TransparencyLog log, LogFiles files, Policy policy, Path directory, Duration every) {
        this.log = log;
        this.files = files;
        this.policy = policy;
        this.kept = LogFiles.witnessed(directory);
        this.every = every;
        policy.witnesses().stream()
                .filter(witness -> witness.url().isPresent())
                .forEach(witness -> talks.add(new WitnessTalk(witness)));
    }

    /**
     * Begins to ask.
     *
     * @param directory of the log
     * @param every how long after one round the next begins
     */
    public static Witnessing start(TransparencyLog log, LogFiles files, Policy policy, Path directory, Duration every) {
        Witnessing witnessing = new Witnessing(log, files, policy, directory, every);
        witnessing.thread.start();
        return witnessing;
    }

    /** Entries in the last tree that as many witnesses have cosigned as the policy wants, since the start; 0 before. */
    public long witnessed() {
        return witnessed;
    }

    /** How often a witness found that the log contradicts what it had seen. */
    public long contradictions() {
        return contradictions.get();
    }

    private void run() {
        try {
            do {
                PublishedLog published = log.published();
                if (published.tree().size() > witnessed) {
                    round(published);
                }
            } while (!ending.await(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void round(PublishedLog published) throws InterruptedException {
        try {
            SignedNote checkpoint = SignedNote.parse(published.note().toArray());
            List<SignedNote.Signature> cosignatures = new ArrayList<>();
            for (WitnessTalk talk : talks) {
                cosignatures.addAll(
                        ask(talk, checkpoint, new TreeReader(published.tree().size(), files)));
            }
            SignedNote cosigned = checkpoint.with(cosignatures);
            switch (policy.check(cosigned)) {
                case NoteVerdict.Holds _ -> {
                    Durable.overwrite(kept, cosigned.bytes());
                    witnessed = published.tree().size();
                    say("the policy", "", false);
                }
                case NoteVerdict.Fails(String sentence) -> say("the policy", sentence, false);
            }
        } catch (IOException | MalformedException failure) {
            say("the log", String.valueOf(failure.getMessage()), false);
        }
    }

    private List<SignedNote.Signature> ask(WitnessTalk talk, SignedNote checkpoint, TreeReader tree)
            throws IOException, MalformedException, InterruptedException {
        String name = "witness " + talk.witness().key().name();
        WitnessTalk.Outcome outcome = new WitnessTalk.Outcome.AskAgain();
        for (int tries = 0; tries < 2 && outcome instanceof WitnessTalk.Outcome.AskAgain; tries++) {
            WitnessRequest request = talk.ask(checkpoint, tree);
            try {
                outcome = send(talk, request);
            } catch (IOException unreachable) {
                outcome = new WitnessTalk.Outcome.Refused("it cannot be asked: " + unreachable, false);
            }
        }
        return switch (outcome) {
            case WitnessTalk.Outcome.Cosigned(List<SignedNote.Signature> signatures) -> {
                say(name, "", false);
                yield signatures;
            }
            case WitnessTalk.Outcome.AskAgain _ -> {
                say(name, "it names another tree each time that it is asked", false);
                yield List.of();
            }
            case WitnessTalk.Outcome.Refused(String sentence, boolean contradicts) -> {
                say(name, sentence, contradicts);
                contradictions.addAndGet(contradicts ? 1 : 0);
                yield List.of();
            }
        };
    }

    private WitnessTalk.Outcome send(WitnessTalk talk, WitnessRequest request)
            throws IOException, InterruptedException {
        URI address = URI.create(talk.witness().url().orElseThrow().replaceAll("/+$", "") + "/add-checkpoint");
        HttpRequest post = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes()))
                .build();
        HttpResponse<InputStream> answer = client.send(post, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            return talk.answered(request, answer.statusCode(), body.readNBytes(MOST_ANSWER));
        }
    }

    /** Each trouble once, and its end. */
    private void say(String who, String trouble, boolean grave) {
        String before = troubles.getOrDefault(who, "");
        if (trouble.equals(before)) {
            return;
        }
        troubles.put(who, trouble);
        if (grave) {
            LOG.error("The log's checkpoint contradicts what {} has seen: {}.", who, trouble);
        } else if (!trouble.isEmpty()) {
            LOG.warn("The log's checkpoint is not witnessed: {}: {}.", who, trouble);
        } else {
            LOG.info("The log's checkpoint is witnessed again: {}.", who);
        }
    }

    @Override
    public void close() {
        ending.countDown();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
