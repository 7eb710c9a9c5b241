package io.kiroku.collector.store;

import java.io.IOException;
import java.io.Serial;

/**
 * The disk did not take what was to be stored: it is full, or it failed. Nothing appended since the last sync that
 * returned counts; the store has undone it, and may be used again at once, with the same outcome until the disk is well.
 * The message is one sentence for people.
 */
public final class StoreUnavailableException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(IOException cause) {
        super("the store cannot be written: " + reason(cause), cause);
    }

    /** @param sentence why, without its full stop */
    public StoreUnavailableException(String sentence) {
        super(sentence);
    }

    private static String reason(IOException cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
