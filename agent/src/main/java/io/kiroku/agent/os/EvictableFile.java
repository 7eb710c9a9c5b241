package io.kiroku.agent.os;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file whose pages can be taken out of the page cache (posix_fadvise(2), {@code POSIX_FADV_DONTNEED}): that belongs to the
 * node's other programs. Only pages that are on the disk go.
 */
public final class EvictableFile implements StorageFile {
    private final ChannelFile file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Libc.CALL_STATE);
    private final int fd;

    private EvictableFile(Path path) throws IOException {
        file = ChannelFile.open(path);
        MemorySegment name = arena.allocate(Libc.PATH_SIZE);
        Preallocation.rawPath(path).writeTo(name.asByteBuffer());
        fd = Libc.open(state, name, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0) {
            int errno = Libc.errno(state);
            arena.close();
            file.close();
            throw new ErrnoException(errno, "open", Preallocation.rawPath(path));
        }
    }

    /** Opens a file that exists, for reading and writing. */
    public static EvictableFile open(Path path) throws IOException {
        return new EvictableFile(path);
    }

    @Override
    public void write(ByteBuffer bytes, long at) throws IOException {
        file.write(bytes, at);
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        return file.read(into, at);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(size);
    }

    /** For use by one thread at a time, and not after {@link #close}. */
    @Override
    public void evict(long from, long to) {
        Libc.posixFadvise(state, fd, from, to - from, Libc.POSIX_FADV_DONTNEED);
    }

    @Override
    public void close() throws IOException {
        Libc.close(state, fd);
        arena.close();
        file.close();
    }
}
