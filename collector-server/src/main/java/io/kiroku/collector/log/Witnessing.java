package io.kiroku.collector.log;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
    private static final Duration CONNECTING = Duration.ofSeconds(5);

    private final TransparencyLog log;
    private final LogFiles files;
    private final CheckpointArchive archive;
    private final InstantSource clock;
    private final Policy policy;
    private final Path kept;
    private final Duration every;
    private final List<WitnessClient> witnesses = new ArrayList<>();
    private final Map<String, String> troubles = new HashMap<>();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECTING).build();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().daemon().name("witnesses").unstarted(this::run);

    private volatile long witnessed;
    private final AtomicLong contradictions = new AtomicLong();

    private Witnessing(
            TransparencyLog log, LogFiles files, Policy policy, Path directory, Duration every, InstantSource clock) {
        this.log = log;
        this.files = files;
        this.archive = files.archive(CheckpointArchive.Kind.WITNESSED);
        this.clock = clock;
        this.policy = policy;
        this.kept = LogFiles.witnessed(directory);
        this.every = every;
    }

    /**
     * Begins to ask.
     *
     * @param directory of the log
     * @param every how long after one round the next begins
     * @throws IOException if the policy names a witness and no URL of HTTP
     */
    public static Witnessing start(
            TransparencyLog log, LogFiles files, Policy policy, Path directory, Duration every, InstantSource clock)
            throws IOException {
        Witnessing witnessing = new Witnessing(log, files, policy, directory, every, clock);
        for (Policy.Witness witness : policy.witnesses()) {
            if (witness.url().isPresent()) {
                witnessing.witnesses.add(new WitnessClient(witnessing.client, witness));
            }
        }
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
            for (Asked asked : askAll(checkpoint, published.tree().size())) {
                cosignatures.addAll(told(asked));
            }
            SignedNote cosigned = checkpoint.with(cosignatures);
            switch (policy.check(cosigned)) {
                case NoteVerdict.Holds _ -> {
                    Durable.overwrite(kept, cosigned.bytes());
                    witnessed = published.tree().size();
                    archive.offer(witnessed, Octets.of(cosigned.bytes()), clock.instant());
                    say("the policy", "", false);
                }
                case NoteVerdict.Fails(String sentence) -> say("the policy", sentence, false);
            }
        } catch (IOException | MalformedException | ExecutionException | RuntimeException failure) {
            say("the log", String.valueOf(failure.getMessage()), false);
        }
    }

    private record Asked(WitnessClient witness, WitnessTalk.Outcome outcome) {}

    /** All at once: one that does not answer keeps none from cosigning. */
    private List<Asked> askAll(SignedNote checkpoint, long size) throws InterruptedException, ExecutionException {
        List<Callable<Asked>> questions = new ArrayList<>();
        for (WitnessClient witness : witnesses) {
            questions.add(() -> new Asked(witness, witness.ask(checkpoint, new TreeReader(size, files))));
        }
        List<Asked> answers = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Asked> answer : each.invokeAll(questions)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    private List<SignedNote.Signature> told(Asked asked) {
        return switch (asked.outcome()) {
            case WitnessTalk.Outcome.Cosigned(List<SignedNote.Signature> signatures) -> {
                say(asked.witness().name(), "", false);
                yield signatures;
            }
            case WitnessTalk.Outcome.Refused(String sentence, boolean contradicts) -> {
                say(asked.witness().name(), sentence, contradicts);
                contradictions.addAndGet(contradicts ? 1 : 0);
                yield List.of();
            }
            case WitnessTalk.Outcome.AskAgain _ ->
                throw new IllegalStateException("a witness was asked twice, and is to be asked again");
        };
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
