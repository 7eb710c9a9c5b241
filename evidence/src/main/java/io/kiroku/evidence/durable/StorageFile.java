package io.kiroku.evidence.durable;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file as a crash sees it: what was written may or may not be there afterwards, what was written before a
 * {@link #sync} that returned is. The ring and the collector's volumes stand on this, and are tested on one that forgets.
 */
public interface StorageFile extends AutoCloseable {
    /** Writes all remaining bytes at that offset. */
    void write(ByteBuffer bytes, long at) throws IOException;

    /** Reads from that offset until the buffer is full or the file ends. Returns the number of bytes. */
    int read(ByteBuffer into, long at) throws IOException;

    /** Length in bytes. */
    long size() throws IOException;

    /** Returns when everything written before the call is on stable storage (fdatasync(2)). */
    void sync() throws IOException;

    /** Cuts the file to that length; not stable before the next {@link #sync}. */
    void truncate(long size) throws IOException;

    /** What lies there will not be read soon: it need not stay in memory. Advice, which nothing depends on. */
    default void evict(long from, long to) {}

    @Override
    void close() throws IOException;
}
