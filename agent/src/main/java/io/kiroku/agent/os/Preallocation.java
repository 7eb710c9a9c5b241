package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Disk taken in advance, so that a full disk is met when the agent starts and not when a log has to be kept. */
public final class Preallocation {
    private static final int OWNER_ONLY = 0600;
    private static final int ZEROS = 1024 * 1024;

    private final Path file;
    private final FilePath path;
    private final MemorySegment state;
    private final int fd;
    private final boolean created;

    /** Opens the file, and creates it if there is none. */
    private Preallocation(Path file, Arena arena) throws ErrnoException {
        this.file = file;
        path = rawPath(file);
        state = arena.allocate(Libc.CALL_STATE);
        MemorySegment name = arena.allocate(Libc.PATH_SIZE);
        path.writeTo(name.asByteBuffer());
        int flags = Libc.O_RDWR | Libc.O_CLOEXEC;
        int opened = Libc.open(state, name, flags | Libc.O_CREAT | Libc.O_EXCL, OWNER_ONLY);
        created = opened >= 0;
        if (opened < 0 && Libc.errno(state) == Errno.EEXIST.number()) {
            opened = Libc.open(state, name, flags, 0);
        }
        if (opened < 0) {
            throw failed("open");
        }
        fd = opened;
    }

    /**
     * Makes a file at least that long and gives it all its blocks, so that writes below that length cannot meet a full
     * disk (fallocate(2); not so on file systems that copy on write, such as btrfs, where writing a second time to the
     * same place needs new room). Creates the file, for its owner alone, if there is none. Bytes it has are kept, what
     * is new reads as zeros. Where the file system has no fallocate, zeros are written after the end of the file.
     *
     * <p>The free space is looked at first: otherwise a reservation that is too large would fill the disk before it
     * fails, and everybody else on the node would meet that. After a failure the file is as it was before, or gone if
     * there was none. Making the file durable is left to the caller.
     *
     * @param bytes length, at least 1
     * @throws ErrnoException {@link ErrnoException#isNoSpace()}, with the bytes wanted and the bytes free in the
     *     message; or any other error of open(2), fallocate(2), pwrite(2) and fsync(2)
     */
    public static void reserve(Path file, long bytes) throws ErrnoException {
        reserve(file, bytes, free(file), true);
    }

    /** The same with a given idea of how many bytes are free, and of whether the file system has fallocate. */
    static void reserve(Path file, long bytes, long free, boolean canAllocate) throws ErrnoException {
        if (bytes < 1) {
            throw new IllegalArgumentException("a reservation has at least 1 byte, not " + bytes);
        }
        try (Arena arena = Arena.ofConfined()) {
            Preallocation target = new Preallocation(file, arena);
            try {
                target.reserve(bytes, free, canAllocate, arena);
            } finally {
                Libc.close(target.state, target.fd);
            }
        }
    }

    private void reserve(long bytes, long free, boolean canAllocate, Arena arena) throws ErrnoException {
        MemorySegment statx = arena.allocate(Statx.SIZE, Statx.ALIGNMENT);
        MemorySegment itself = arena.allocateFrom("");
        if (Libc.statx(state, fd, itself, Libc.AT_EMPTY_PATH, Statx.WANTED, statx) < 0) {
            throw failed("statx");
        }
        long size = Statx.parse(statx).size();
        try {
            if (bytes - Statx.allocated(statx) > free) {
                throw new ErrnoException(Errno.ENOSPC.number(), "fallocate", path);
            }
            if (!canAllocate || !allocate(bytes)) {
                writeZeros(size, bytes, arena);
            }
        } catch (ErrnoException failed) {
            undo(size, failed);
            throw failed.isNoSpace() ? noSpace(failed, bytes) : failed;
        }
    }

    /** False if the file system cannot; in some sandboxes the call itself is missing. */
    private boolean allocate(long bytes) throws ErrnoException {
        int result;
        do {
            result = Libc.fallocate(state, fd, 0, 0, bytes);
        } while (result < 0 && Libc.errno(state) == Errno.EINTR.number());
        if (result == 0) {
            return true;
        }
        ErrnoException failed = failed("fallocate");
        if (failed.is(Errno.EOPNOTSUPP) || failed.is(Errno.ENOSYS)) {
            return false;
        }
        throw failed;
    }

    /** Up to the disk: a file system that takes writes before it has the room would tell only then. */
    private void writeZeros(long from, long to, Arena arena) throws ErrnoException {
        MemorySegment zeros = arena.allocate(ZEROS);
        long at = from;
        while (at < to) {
            long written = Libc.pwrite(state, fd, zeros, Math.min(ZEROS, to - at), at);
            if (written < 0 && Libc.errno(state) != Errno.EINTR.number()) {
                throw failed("pwrite");
            }
            at += Math.max(0, written);
        }
        if (Libc.fsync(state, fd) < 0) {
            throw failed("fsync");
        }
    }

    private void undo(long size, ErrnoException because) {
        try {
            if (created) {
                Files.deleteIfExists(file);
            }
            // Also of a deleted file, which keeps its blocks as long as it is open.
            if (Libc.ftruncate(state, fd, size) < 0) {
                throw failed("ftruncate");
            }
        } catch (IOException left) {
            because.addSuppressed(left);
        }
    }

    private ErrnoException failed(String call) {
        return new ErrnoException(Libc.errno(state), call, path);
    }

    /** Looks at what is free now: while a reservation fails, it may have taken all there was. */
    private ErrnoException noSpace(ErrnoException failed, long bytes) {
        String message = "reserving " + bytes + " bytes for " + path + ", where " + usable(file) + " bytes are free: "
                + Errno.describe(failed.errno());
        ErrnoException told = new ErrnoException(failed.errno(), failed.call(), path, message);
        told.initCause(failed);
        return told;
    }

    /** Without the part that is kept for root; {@link Long#MAX_VALUE} where the file system has no bound (ramfs). */
    private static long free(Path file) {
        return place(file).getTotalSpace() == 0 ? Long.MAX_VALUE : usable(file);
    }

    private static long usable(Path file) {
        return place(file).getUsableSpace();
    }

    private static File place(Path file) {
        Path absolute = file.toAbsolutePath();
        Path parent = absolute.getParent();
        return (parent == null || Files.exists(absolute) ? absolute : parent).toFile();
    }

    /** The bytes that the JDK would give to open(2), which the URI of a path has, and its text may not have. */
    static FilePath rawPath(Path file) {
        String quoted = file.toUri().getRawPath();
        ByteArrayOutputStream raw = new ByteArrayOutputStream(quoted.length());
        for (int at = 0; at < quoted.length(); at++) {
            if (quoted.charAt(at) == '%') {
                raw.write(Integer.parseInt(quoted, at + 1, at + 3, 16));
                at += 2;
            } else {
                raw.write(quoted.charAt(at));
            }
        }
        return FilePath.of(raw.toByteArray());
    }
}
