package io.kiroku.collector.query;

import java.io.Serial;

/** A stored segment is not what was sealed: its bytes are not shown. The message is one sentence. */
final class DamagedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    DamagedException(String sentence) {
        super(sentence);
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}
