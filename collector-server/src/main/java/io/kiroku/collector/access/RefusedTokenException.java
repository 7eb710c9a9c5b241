package io.kiroku.collector.access;

import java.io.Serial;

/** A token is not good. The message is one sentence for whoever sent it. */
public final class RefusedTokenException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public RefusedTokenException(String sentence) {
        super(sentence);
    }
}
