package io.kiroku.collector.own;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream of the collector's own that is opened by the first lines that are put into it, so that what never has any is not there.
 * Used by any thread.
 */
public final class LateStream implements OwnLines, AutoCloseable {
    /** Opens the stream. */
    @FunctionalInterface
    public interface Opening {
        /**
         * Opens it.
         *
         * @throws IOException if it cannot be opened now
         */
        OwnStream open() throws IOException;
    }

    private final Opening opening;
    private @Nullable OwnStream stream;
    private boolean closed;

    public LateStream(Opening opening) {
        this.opening = opening;
    }

    @Override
    public void add(List<byte[]> lines) throws IOException {
        if (!lines.isEmpty()) {
            stream().add(lines);
        }
    }

    private synchronized OwnStream stream() throws IOException {
        if (closed) {
            throw new IOException("the collector ends");
        }
        OwnStream known = stream;
        if (known == null) {
            known = opening.open();
            stream = known;
        }
        return known;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (stream != null) {
            stream.close();
        }
    }
}
