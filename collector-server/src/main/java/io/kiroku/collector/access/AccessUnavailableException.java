package io.kiroku.collector.access;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Nobody can say now who calls or what he may do. The message is one sentence for the caller and the log. */
public final class AccessUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public AccessUnavailableException(String sentence) {
        super(sentence);
    }

    public AccessUnavailableException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
