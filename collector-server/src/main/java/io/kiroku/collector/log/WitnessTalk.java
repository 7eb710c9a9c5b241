package io.kiroku.collector.log;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The log's side of the talk with one witness, without the socket (C2SP tlog-witness): what to ask, and what the answer
 * means. The witness is asked to go on from the tree that it cosigned last; which that is it says itself, if need be.
 */
final class WitnessTalk {
    /** What came of asking. */
    sealed interface Outcome {
        /** These are the witness's cosignatures. */
        record Cosigned(List<SignedNote.Signature> signatures) implements Outcome {}

        /** It has another tree in mind than was thought: ask once more. */
        record AskAgain() implements Outcome {}

        /**
         * It does not cosign.
         *
         * @param contradicts whether it has seen of this log what is not in it: then somebody must look at this at once
         */
        record Refused(String sentence, boolean contradicts) implements Outcome {}
    }

    private static final int MOST_SENTENCE = 200;

    private final Policy.Witness witness;
    private long known;

    WitnessTalk(Policy.Witness witness) {
        this.witness = witness;
    }

    Policy.Witness witness() {
        return witness;
    }

    /** What to ask for that checkpoint; the tree has as many entries. */
    WitnessRequest ask(SignedNote checkpoint, TreeReader tree) throws IOException, MalformedException {
        long from = Math.min(known, tree.size());
        List<Octets> proof = from == 0 ? List.of() : tree.consistency(from, tree.size());
        return new WitnessRequest(from, proof, checkpoint);
    }

    /** What an answer to {@link #ask} means. */
    Outcome answered(WitnessRequest asked, int status, byte[] body) {
        try {
            long size = Checkpoint.parse(asked.checkpoint().text()).size();
            return switch (status) {
                case 200 -> cosigned(asked.checkpoint(), size, WitnessRequest.parseCosignatures(body));
                case 409 -> conflict(asked.oldSize(), size, WitnessRequest.parseSize(body));
                case 422 -> new Outcome.Refused("it finds a contradiction: " + sentence(body), true);
                default ->
                    new Outcome.Refused("it answers with status %d: %s".formatted(status, sentence(body)), false);
            };
        } catch (MalformedException malformed) {
            return new Outcome.Refused("its answer cannot be read: " + malformed.getMessage(), false);
        }
    }

    private Outcome cosigned(SignedNote checkpoint, long size, List<SignedNote.Signature> signatures) {
        List<SignedNote.Signature> own = signatures.stream()
                .filter(signature -> signature.keyId() == witness.key().keyId()
                        && signature.name().equals(witness.key().name()))
                .limit(1)
                .toList();
        if (own.isEmpty()) {
            return new Outcome.Refused("it did not cosign with the key of the policy", false);
        }
        if (checkpoint.with(own).verify(List.of(witness.key())) instanceof NoteVerdict.Fails(String sentence)) {
            return new Outcome.Refused("its cosignature does not hold: " + sentence, false);
        }
        known = size;
        return new Outcome.Cosigned(own);
    }

    private Outcome conflict(long asked, long size, long cosigned) {
        known = cosigned;
        if (cosigned > size) {
            return new Outcome.Refused(
                    "it has cosigned a tree of %d entries, and there are %d: the log was taken back"
                            .formatted(cosigned, size),
                    true);
        }
        return cosigned == asked
                ? new Outcome.Refused("it refuses the tree of %d entries that it names itself".formatted(asked), false)
                : new Outcome.AskAgain();
    }

    /** Its own words, as far as they can be printed. */
    private static String sentence(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, MOST_SENTENCE), StandardCharsets.UTF_8);
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
    }
}
