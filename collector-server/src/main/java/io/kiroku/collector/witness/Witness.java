package io.kiroku.collector.witness;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.log.WitnessState;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A witness without its HTTP: takes the body of a request, and gives status and body of the answer. For any thread. */
public final class Witness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);

    /**
     * An answer over HTTP.
     *
     * @param type of the body: {@code text/plain}, or {@link WitnessRequest#SIZE_TYPE}
     */
    public record Reply(int status, String type, String body) {}

    /** The status where a proof does not hold: by the log's fault, or by that of whoever sent it. */
    private static final int CONTRADICTION = 422;

    private final List<NoteSigner> cosigners;
    private final WitnessMemory memory;
    private final InstantSource clock;
    private final Map<String, WitnessState> logs = new HashMap<>();

    private Witness(List<NoteSigner> cosigners, WitnessMemory memory, InstantSource clock) {
        this.cosigners = List.copyOf(cosigners);
        this.memory = memory;
        this.clock = clock;
    }

    /**
     * Opens a witness.
     *
     * @param directory where it remembers
     * @param cosigners its keys, under its name
     * @param known the keys of the logs that it cosigns; a key's name is its log's origin
     * @throws IOException if what it remembers cannot be read: it must not cosign then
     */
    public static Witness open(Path directory, List<NoteSigner> cosigners, List<VerifierKey> known, InstantSource clock)
            throws IOException {
        Witness witness = new Witness(cosigners, new WitnessMemory(directory), clock);
        try {
            witness.remember(known);
            return witness;
        } catch (IOException | RuntimeException unreadable) {
            witness.close();
            throw unreadable;
        }
    }

    private void remember(List<VerifierKey> known) throws IOException {
        Map<String, List<VerifierKey>> keys = new HashMap<>();
        known.forEach(
                key -> keys.computeIfAbsent(key.name(), _ -> new ArrayList<>()).add(key));
        for (Map.Entry<String, List<VerifierKey>> log : keys.entrySet()) {
            logs.put(log.getKey(), memory.of(log.getKey(), log.getValue()));
        }
    }

    /** Gives its memory free: two that cosign by one memory could be had to cosign a fork. */
    @Override
    public void close() throws IOException {
        memory.close();
    }

    /** Answers {@code POST /add-checkpoint}. */
    public synchronized Reply addCheckpoint(byte[] body) {
        WitnessRequest request;
        String origin;
        try {
            request = WitnessRequest.parse(body);
            origin = Checkpoint.parse(request.checkpoint().text()).origin();
        } catch (MalformedException malformed) {
            return refusal(400, String.valueOf(malformed.getMessage()));
        }
        WitnessState state = logs.get(origin);
        if (state == null) {
            return refusal(404, "this witness does not know that log");
        }
        return switch (state.step(request)) {
            case WitnessState.Answer.Conflict conflict ->
                new Reply(conflict.status(), WitnessRequest.SIZE_TYPE, conflict.size() + "\n");
            case WitnessState.Answer.Refusal(int status, String sentence, boolean evidence) -> {
                LOG.warn("A checkpoint of {} is refused: {}.", origin, sentence);
                if (evidence) {
                    memory.keepFork(origin, request.checkpoint().text(), body);
                } else if (status == CONTRADICTION) {
                    memory.keepRefused(origin, body);
                }
                yield refusal(status, sentence);
            }
            case WitnessState.Answer.Cosign cosign -> cosign(origin, request.checkpoint(), cosign);
        };
    }

    private Reply cosign(String origin, SignedNote checkpoint, WitnessState.Answer.Cosign cosign) {
        try {
            // Before anything is signed: a witness that forgot what it had cosigned could be had to cosign a fork.
            memory.keep(origin, checkpoint);
        } catch (IOException full) {
            LOG.error("Nothing is cosigned, as it could not be remembered: {}.", full.getMessage());
            return refusal(503, "this witness cannot remember what it cosigns at the moment");
        }
        logs.put(origin, cosign.next());
        StringBuilder lines = new StringBuilder();
        try {
            long seconds = clock.instant().getEpochSecond();
            for (NoteSigner cosigner : cosigners) {
                lines.append(cosigner.sign(checkpoint.text(), seconds).line()).append('\n');
            }
        } catch (MalformedException unsignable) {
            return refusal(400, String.valueOf(unsignable.getMessage()));
        }
        return new Reply(cosign.status(), "text/plain", lines.toString());
    }

    private static Reply refusal(int status, String sentence) {
        return new Reply(status, "text/plain", sentence + "\n");
    }

    /** What others check its cosignatures by, a line each. */
    public String verifierKeys() {
        StringBuilder keys = new StringBuilder();
        cosigners.forEach(cosigner -> keys.append(cosigner.verifierKey()).append('\n'));
        return keys.toString();
    }
}
