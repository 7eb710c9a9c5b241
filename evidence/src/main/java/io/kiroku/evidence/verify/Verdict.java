package io.kiroku.evidence.verify;

import java.util.List;

/** What verification says on one question. Bad evidence is such a value, never an exception. */
public sealed interface Verdict {
    /** Nothing speaks against it. */
    record Holds() implements Verdict {}

    /**
     * Something speaks against it.
     *
     * @param findings the first of them, in the order of the evidence
     * @param count how many there were in all
     */
    record Fails(List<Finding> findings, long count) implements Verdict {}

    default boolean holds() {
        return this instanceof Holds;
    }
}
