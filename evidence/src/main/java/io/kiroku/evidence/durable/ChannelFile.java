package io.kiroku.evidence.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file of the operating system. What fails says which file it was. */
public final class ChannelFile implements StorageFile {
    private final Path path;
    private final FileChannel channel;

    private ChannelFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Opens a file that exists, for reading and writing. */
    public static ChannelFile open(Path path) throws IOException {
        return new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** Opens a file that exists, for reading. */
    public static ChannelFile openForReading(Path path) throws IOException {
        return new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ));
    }

    /** Takes the file's lock, which ends with the process or with {@link #close}. False if somebody else has it. */
    public boolean lock() throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
        return lock != null;
    }

    @Override
    public void write(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        try {
            while (bytes.hasRemaining()) {
                to += channel.write(bytes, to);
            }
        } catch (IOException failure) {
            throw named(failure);
        }
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        int start = into.position();
        try {
            while (into.hasRemaining()) {
                if (channel.read(into, at + into.position() - start) < 0) {
                    break;
                }
            }
        } catch (IOException failure) {
            throw named(failure);
        }
        return into.position() - start;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void sync() throws IOException {
        try {
            channel.force(false);
        } catch (IOException failure) {
            throw named(failure);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    /** The kernel's word on a descriptor names no file. */
    private IOException named(IOException failure) {
        if (failure instanceof ClosedChannelException) {
            return failure;
        }
        IOException named = new FileSystemException(path.toString(), null, failure.getMessage());
        named.initCause(failure);
        return named;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
