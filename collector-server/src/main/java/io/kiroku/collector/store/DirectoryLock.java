package io.kiroku.collector.store;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a directory to one process at a time: a collector's data, or a witness's memory.
 *
 * <p>POSIX record locks are given up when <em>any</em> descriptor of the file is closed by the process that holds them
 * (fcntl(2)). So a directory that this process holds is remembered here, and its lock file is not opened again.
 */
public final class DirectoryLock implements AutoCloseable {
    private static final String FILE = "collector.lock";
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    /** Whoever only looks whether the lock is held has it himself for a moment: so one more look, some times. */
    private static final int TRIES = 20;

    private static final long BETWEEN_TRIES_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final Path directory;
    private final ChannelFile file;

    private DirectoryLock(Path directory, ChannelFile file) {
        this.directory = directory;
        this.file = file;
    }

    /**
     * Takes the lock of a data directory that exists, until {@link #close} or the end of the process.
     *
     * @throws IOException if another collector has it; the message is for people
     */
    public static synchronized DirectoryLock take(Path data) throws IOException {
        Path directory = data.toRealPath();
        if (!HELD_HERE.add(directory)) {
            throw inUse(data);
        }
        @Nullable ChannelFile file = null;
        boolean taken = false;
        try {
            file = openLockFile(directory.resolve(FILE));
            for (int i = 0; i < TRIES && !taken; i++) {
                if (i > 0) {
                    LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
                }
                taken = file.lock();
            }
            if (!taken) {
                throw inUse(data);
            }
            return new DirectoryLock(directory, file);
        } finally {
            if (!taken) {
                if (file != null) {
                    file.close();
                }
                HELD_HERE.remove(directory);
            }
        }
    }

    /** Whether a collector, in this process or another, has the directory now. */
    public static synchronized boolean isHeld(Path data) throws IOException {
        Path directory;
        try {
            directory = data.toRealPath();
        } catch (NoSuchFileException nothingThere) {
            return false;
        }
        if (HELD_HERE.contains(directory)) {
            return true;
        }
        Path lockFile = directory.resolve(FILE);
        if (!Files.isReadable(lockFile)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.READ);
                @Nullable FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return shared == null;
        } catch (OverlappingFileLockException anotherReaderHere) {
            return false;
        }
    }

    private static ChannelFile openLockFile(Path path) throws IOException {
        try {
            Durable.create(path, new byte[0]);
        } catch (FileAlreadyExistsException asMostly) {
            // The file stays when the lock ends; only its lock says anything.
        }
        return ChannelFile.open(path);
    }

    private static IOException inUse(Path data) {
        return new IOException("expected %s for this process alone, found that another one uses it".formatted(data));
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            HELD_HERE.remove(directory);
        }
    }
}
