package io.kiroku.cli.cluster;

import java.io.Serial;

/** A cluster's collector cannot be reached. The message is one sentence for the user. */
public final class ClusterException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    ClusterException(String sentence) {
        super(sentence);
    }

    ClusterException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
