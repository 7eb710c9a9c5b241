package io.kiroku.cli;

import io.kiroku.collector.query.LogOutput;
import java.io.IOException;
import java.io.Serial;

/** Log bytes go to standard output, notes to standard error. */
final class StandardOutput implements LogOutput {
    /** Nobody reads standard output any more. */
    static final class ClosedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        ClosedException(IOException cause) {
            super("standard output is closed", cause);
        }
    }

    private final Terminal terminal;

    StandardOutput(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void bytes(byte[] from, int offset, int length) throws IOException {
        try {
            terminal.bytes().write(from, offset, length);
        } catch (IOException closed) {
            throw closed(closed);
        }
    }

    @Override
    public void note(String sentence) throws IOException {
        flush();
        terminal.err().println("kiroku: " + sentence);
    }

    @Override
    public void flush() throws IOException {
        try {
            terminal.bytes().flush();
        } catch (IOException closed) {
            throw closed(closed);
        }
    }

    /** A reader that went away is one thing, a full disk behind a redirection another. */
    private static IOException closed(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("Broken pipe") ? new ClosedException(failure) : failure;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
