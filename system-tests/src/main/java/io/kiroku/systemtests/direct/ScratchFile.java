package io.kiroku.systemtests.direct;

import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file that need not outlive the run: no write is waited for.
 *
 * @param window in bytes; what is written behind it is written to the file's start again, so that a long run needs no more
 *     room than this and the longest write. {@link #WHOLE} for a file that is read again
 */
public record ScratchFile(StorageFile file, long window) implements StorageFile {
    public static final long WHOLE = Long.MAX_VALUE;

    @Override
    public void write(ByteBuffer bytes, long at) throws IOException {
        file.write(bytes, at % window);
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        return file.read(into, at % window);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void sync() {}

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
