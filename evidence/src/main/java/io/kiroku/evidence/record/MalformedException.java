package io.kiroku.evidence.record;

import java.io.Serial;

/**
 * Bytes that do not follow the format. The message is one sentence: what was expected, what was found, at which offset.
 * Whoever reads evidence turns it into a finding; it is not an error of the program.
 */
public final class MalformedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
