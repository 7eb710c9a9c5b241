package io.kiroku.collector.query;

import java.io.Serial;

/** A selection that names nothing, or more than one thing where one is needed. The message is one sentence for people. */
public final class SelectionException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What is wrong with a selection. */
    public enum Reason {
        /** It names nothing that the store knows. */
        UNKNOWN,
        /** It names several things. */
        AMBIGUOUS
    }

    private final Reason reason;

    public SelectionException(Reason reason, String sentence) {
        super(sentence);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** The sentence. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
