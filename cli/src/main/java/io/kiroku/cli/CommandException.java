package io.kiroku.cli;

import java.io.Serial;

/** A command cannot do what it was asked to. The message is one sentence for the user. */
final class CommandException extends Exception {
    /** Exit status: it did not work, or a verdict is against. */
    static final int FAILURE = 1;

    /** Exit status: the command was not used as it can be. */
    static final int MISUSE = 2;

    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;

    private CommandException(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    static CommandException failure(String sentence) {
        return new CommandException(FAILURE, sentence);
    }

    static CommandException misuse(String sentence) {
        return new CommandException(MISUSE, sentence);
    }

    int status() {
        return status;
    }
}
