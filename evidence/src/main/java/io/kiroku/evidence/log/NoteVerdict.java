package io.kiroku.evidence.log;

import java.util.List;

/** What the known keys say of a note. */
public sealed interface NoteVerdict {
    /** Whether at least one known key signed the note, and no signature of a known key is wrong. */
    default boolean holds() {
        return this instanceof Holds;
    }

    /**
     * The note is what these keys signed.
     *
     * @param by one or more, in the order of the note
     */
    record Holds(List<Signed> by) implements NoteVerdict {
        public Holds {
            by = List.copyOf(by);
        }
    }

    /**
     * The note is to be ignored.
     *
     * @param sentence why
     */
    record Fails(String sentence) implements NoteVerdict {}

    /**
     * A signature that holds.
     *
     * @param seconds since the Epoch, as the signer said; 0 where the type of signature has no time, or it said none
     */
    record Signed(VerifierKey key, long seconds) {}
}
