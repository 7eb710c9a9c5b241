package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.List;

/**
 * What a witness knows of one log, and what it does when it is asked (C2SP tlog-witness). Whoever runs it stores the
 * state of an {@link Answer.Cosign} durably before the cosignature leaves the house, and lets requests for one log come
 * one after the other.
 *
 * @param origin of the log
 * @param keys of the log; a checkpoint needs a signature by one of them
 * @param size of the last tree that was cosigned, 0 if none was
 * @param root of that tree
 */
public record WitnessState(String origin, List<VerifierKey> keys, long size, Octets root) {
    public WitnessState {
        keys = List.copyOf(keys);
    }

    /** A log of which nothing has been seen yet. */
    public WitnessState(String origin, List<VerifierKey> keys) {
        this(origin, keys, 0, MerkleTree.EMPTY);
    }

    /** What the witness answers. */
    public sealed interface Answer {
        /** The number of the answer in HTTP. */
        int status();

        /**
         * The checkpoint is the next state of the log that is known: cosign its text, with a time.
         *
         * @param next to be stored before the answer is given
         */
        record Cosign(Checkpoint checkpoint, WitnessState next) implements Answer {
            @Override
            public int status() {
                return 200;
            }
        }

        /** The proof does not start from the tree that was cosigned last, which has that size. */
        record Conflict(long size) implements Answer {
            @Override
            public int status() {
                return 409;
            }
        }

        /**
         * Not cosigned.
         *
         * @param evidence whether the log signed what cannot be true beside the tree that was cosigned last: then the
         *     request is to be kept and reported. A proof that does not hold is no evidence: nobody signed it
         */
        record Refusal(int status, String sentence, boolean evidence) implements Answer {}
    }

    /**
     * Looks at a request. The state stays as it is; the answer has the next one.
     *
     * @param request for this log or another
     */
    public Answer step(WitnessRequest request) {
        Checkpoint asked;
        try {
            asked = Checkpoint.parse(request.checkpoint().text());
        } catch (MalformedException noCheckpoint) {
            return new Answer.Refusal(400, String.valueOf(noCheckpoint.getMessage()), false);
        }
        if (!asked.origin().equals(origin)) {
            return new Answer.Refusal(404, "this witness does not know that log", false);
        }
        if (request.checkpoint().verify(keys) instanceof NoteVerdict.Fails fails) {
            return new Answer.Refusal(403, fails.sentence(), false);
        }
        if (request.oldSize() > asked.size()) {
            return new Answer.Refusal(
                    400,
                    "the old size %d is above the checkpoint's, %d".formatted(request.oldSize(), asked.size()),
                    false);
        }
        if (request.oldSize() != size) {
            return new Answer.Conflict(size);
        }
        return compare(request, asked);
    }

    private Answer compare(WitnessRequest request, Checkpoint asked) {
        if (asked.size() == 0 && !asked.root().equals(MerkleTree.EMPTY)) {
            return contradiction("a tree without entries has another root than this checkpoint says");
        }
        if (size == 0 && !request.proof().isEmpty()) {
            return new Answer.Refusal(422, "nothing can be proven from a tree without entries", false);
        }
        if (asked.size() == size && !asked.root().equals(root)) {
            return contradiction("the log signed two trees of %d entries".formatted(size));
        }
        if (size > 0 && !ProofCheck.consistency(size, asked.size(), root, asked.root(), request.proof())) {
            return new Answer.Refusal(
                    422,
                    "the proof does not show that the tree of %d entries begins with that of %d"
                            .formatted(asked.size(), size),
                    false);
        }
        return new Answer.Cosign(asked, new WitnessState(origin, keys, asked.size(), asked.root()));
    }

    private static Answer contradiction(String sentence) {
        return new Answer.Refusal(422, sentence, true);
    }
}
