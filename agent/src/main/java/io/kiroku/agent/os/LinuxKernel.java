package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.kiroku.evidence.record.FilePath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The kernel that the process runs on, by way of the C library. Holds one inotify instance, one eventfd and about
 * 100 KiB of native buffers, which all calls reuse.
 */
public final class LinuxKernel implements Kernel {
    /** The most that one {@link #drain} reads, in bytes: some 2,000 events. */
    private static final int EVENTS_SIZE = 64 * 1024;

    private static final int ENTRIES_SIZE = 32 * 1024;
    private static final int READ_FLAGS = Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY;
    private static final long NANOS = 1_000_000_000L;

    // struct pollfd, poll(2): 0 s32 fd, 4 s16 events, 6 s16 revents, 8 end
    private static final long POLL_SIZE = 8;
    private static final long POLL_EVENTS = 4;
    private static final long POLL_REVENTS = 6;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Libc.CALL_STATE);
    private final MemorySegment path = arena.allocate(Libc.PATH_SIZE);
    private final ByteBuffer pathBytes = path.asByteBuffer();
    private final MemorySegment second = arena.allocate(Libc.PATH_SIZE);
    private final ByteBuffer secondBytes = second.asByteBuffer();
    private final MemorySegment statx = arena.allocate(Statx.SIZE, Statx.ALIGNMENT);
    private final MemorySegment events = arena.allocate(EVENTS_SIZE, Long.BYTES);
    private final ByteBuffer eventBytes =
            events.asByteBuffer().order(ByteOrder.nativeOrder()).limit(0);
    private final MemorySegment entries = arena.allocate(ENTRIES_SIZE, Long.BYTES);
    private final ByteBuffer entryBytes = entries.asByteBuffer().order(ByteOrder.nativeOrder());
    private final MemorySegment polls = arena.allocate(2 * POLL_SIZE, POLL_SIZE);
    private final MemorySegment timeout = arena.allocate(2 * Long.BYTES, Long.BYTES);
    private final MemorySegment counter = arena.allocate(Long.BYTES, Long.BYTES);
    private final int inotify;
    private final int wakeups;

    /** Guards the three below: the one thing that other threads touch, and they may come after close. */
    private final Object wakeLock = new Object();

    private final MemorySegment wakeState = arena.allocate(Libc.CALL_STATE);
    private final MemorySegment one = arena.allocate(Long.BYTES, Long.BYTES);
    private boolean closed;

    private LinuxKernel() throws ErrnoException {
        int watches = -1;
        try {
            watches = Libc.inotifyInit1(state, Libc.CLOEXEC_NONBLOCK);
            if (watches < 0) {
                throw ErrnoException.onCall(Libc.errno(state), ErrnoException.INOTIFY_INIT);
            }
            inotify = watches;
            wakeups = Libc.eventfd(state, 0, Libc.CLOEXEC_NONBLOCK);
            if (wakeups < 0) {
                throw ErrnoException.onCall(Libc.errno(state), "eventfd");
            }
        } catch (ErrnoException failed) {
            if (watches >= 0) {
                Libc.close(state, watches);
            }
            arena.close();
            throw failed;
        }
        one.set(JAVA_LONG, 0, 1);
        poll(0, inotify);
        poll(POLL_SIZE, wakeups);
    }

    /**
     * Makes an inotify instance and all else.
     *
     * @throws ErrnoException {@code EMFILE} if the user's instances ({@code fs.inotify.max_user_instances}) or the
     *     process's descriptors are used up
     */
    public static LinuxKernel open() throws ErrnoException {
        return new LinuxKernel();
    }

    @Override
    public int open(FilePath file) throws ErrnoException {
        putPath(file);
        int fd = open(READ_FLAGS | Libc.O_NOATIME);
        if (fd < 0 && Libc.errno(state) == Errno.EPERM.number()) {
            fd = open(READ_FLAGS);
        }
        if (fd < 0) {
            throw new ErrnoException(Libc.errno(state), "open", file);
        }
        return fd;
    }

    @Override
    public void close(int fd) {
        // Never again on EINTR: Linux has given the descriptor up by then (close(2)), and its number may be in use.
        if (Libc.close(state, fd) < 0 && Libc.errno(state) == Errno.EBADF.number()) {
            throw new IllegalStateException("descriptor " + fd + " was to be closed but is not open");
        }
    }

    @Override
    public int read(int fd, long offset, ByteBuffer into) throws ErrnoException {
        if (!into.isDirect() || into.isReadOnly()) {
            throw new IllegalArgumentException("reads go into a direct, writable buffer, not into " + into);
        }
        MemorySegment room = MemorySegment.ofBuffer(into);
        long count;
        do {
            count = Libc.pread(state, fd, room, room.byteSize(), offset);
        } while (count < 0 && Libc.errno(state) == Errno.EINTR.number());
        if (count < 0) {
            throw ErrnoException.onDescriptor(Libc.errno(state), "pread", fd);
        }
        into.position(into.position() + (int) count);
        return (int) count;
    }

    @Override
    public FileStat stat(int fd) throws ErrnoException {
        pathBytes.put(0, (byte) 0);
        if (Libc.statx(state, fd, path, Libc.AT_EMPTY_PATH, Statx.WANTED, statx) < 0) {
            throw ErrnoException.onDescriptor(Libc.errno(state), "statx", fd);
        }
        return Statx.parse(statx);
    }

    @Override
    public Writers writers(int fd) {
        // The signal that announces a lease to be broken would end the process by default; this one is ignored.
        if (Libc.fcntl(state, fd, Libc.F_SETSIG, Libc.SIGURG) < 0) {
            return Writers.UNKNOWN;
        }
        if (Libc.fcntl(state, fd, Libc.F_SETLEASE, Libc.F_RDLCK) < 0) {
            return Libc.errno(state) == Errno.EAGAIN.number() ? Writers.SOME : Writers.UNKNOWN;
        }
        Libc.fcntl(state, fd, Libc.F_SETLEASE, Libc.F_UNLCK);
        return Writers.NONE;
    }

    @Override
    public FileStat stat(FilePath file) throws ErrnoException {
        putPath(file);
        if (Libc.statx(state, Libc.AT_FDCWD, path, 0, Statx.WANTED, statx) < 0) {
            throw new ErrnoException(Libc.errno(state), "statx", file);
        }
        return Statx.parse(statx);
    }

    @Override
    public DirectoryListing list(FilePath directory, int most) throws ErrnoException {
        if (most < 0) {
            throw new IllegalArgumentException("a listing has at least 0 entries, not " + most);
        }
        putPath(directory);
        int fd = open(READ_FLAGS | Libc.O_DIRECTORY);
        if (fd < 0) {
            throw new ErrnoException(Libc.errno(state), "open", directory);
        }
        try {
            return list(directory, fd, most);
        } finally {
            close(fd);
        }
    }

    private DirectoryListing list(FilePath directory, int fd, int most) throws ErrnoException {
        List<DirectoryEntry> found = new ArrayList<>();
        while (true) {
            long filled = Libc.getdents64(state, fd, entries, ENTRIES_SIZE);
            if (filled < 0) {
                throw new ErrnoException(Libc.errno(state), "getdents64", directory);
            }
            if (filled == 0) {
                return new DirectoryListing(found, false);
            }
            entryBytes.clear().limit((int) filled);
            while (entryBytes.hasRemaining()) {
                DirectoryEntry entry = Dirents.next(entryBytes);
                if (entry != null && found.size() == most) {
                    return new DirectoryListing(found, true);
                }
                if (entry != null) {
                    found.add(entry);
                }
            }
        }
    }

    /** By proc(5), as linkat(2) says: a link to the open file itself wants no privilege, unlike {@code AT_EMPTY_PATH}. */
    @Override
    public void link(int fd, FilePath name) throws ErrnoException {
        putPath(procPathOf(fd));
        putPath(secondBytes, name);
        if (Libc.linkat(state, Libc.AT_FDCWD, path, Libc.AT_FDCWD, second, Libc.AT_SYMLINK_FOLLOW) < 0) {
            throw new ErrnoException(Libc.errno(state), "linkat", name);
        }
    }

    @Override
    public void symlink(FilePath target, FilePath name) throws ErrnoException {
        putPath(target);
        putPath(secondBytes, name);
        if (Libc.symlink(state, path, second) < 0) {
            throw new ErrnoException(Libc.errno(state), "symlink", name);
        }
    }

    @Override
    public FilePath readlink(FilePath name) throws ErrnoException {
        putPath(name);
        long length = Libc.readlink(state, path, second, Libc.PATH_SIZE);
        if (length < 0) {
            throw new ErrnoException(Libc.errno(state), "readlink", name);
        }
        if (length == Libc.PATH_SIZE) {
            // readlink(2) cuts silently; what fills the room may have been cut.
            throw new ErrnoException(Errno.ENAMETOOLONG.number(), "readlink", name);
        }
        byte[] target = new byte[(int) length];
        secondBytes.get(0, target);
        return FilePath.of(target);
    }

    @Override
    public void unlink(FilePath name) throws ErrnoException {
        putPath(name);
        if (Libc.unlink(state, path) < 0) {
            throw new ErrnoException(Libc.errno(state), "unlink", name);
        }
    }

    @Override
    public int watch(FilePath file, int mask) throws ErrnoException {
        putPath(file);
        int watch = Libc.inotifyAddWatch(state, inotify, path, mask);
        if (watch < 0) {
            throw new ErrnoException(Libc.errno(state), ErrnoException.ADD_WATCH, file);
        }
        return watch;
    }

    /** proc(5): the links there lead to the open file itself, wherever its name went. Needs {@code /proc}. */
    @Override
    public int watch(int fd, int mask) throws ErrnoException {
        return watch(procPathOf(fd), mask);
    }

    @Override
    public void unwatch(int watch) {
        // EINVAL: the watch went by itself, with its inode or its one shot.
        if (Libc.inotifyRmWatch(state, inotify, watch) < 0 && Libc.errno(state) != Errno.EINVAL.number()) {
            throw impossible("inotify_rm_watch");
        }
    }

    @Override
    public boolean await(long timeoutNanos) {
        if (eventBytes.hasRemaining()) {
            return true;
        }
        long wait = Math.max(0, timeoutNanos);
        timeout.set(JAVA_LONG, 0, wait / NANOS);
        timeout.set(JAVA_LONG, Long.BYTES, wait % NANOS);
        int ready = Libc.ppoll(state, polls, 2, timeout);
        if (ready < 0 && Libc.errno(state) != Errno.EINTR.number()) {
            throw impossible("ppoll");
        }
        if (ready > 0 && polls.get(JAVA_SHORT, POLL_SIZE + POLL_REVENTS) != 0) {
            takeWakeups();
        }
        return ready > 0;
    }

    private void takeWakeups() {
        if (Libc.read(state, wakeups, counter, Long.BYTES) < 0) {
            throw impossible("read of the eventfd");
        }
    }

    @Override
    public void wake() {
        synchronized (wakeLock) {
            if (closed) {
                // The number of the descriptor may be that of another file by now.
                return;
            }
            // EAGAIN: 2^64 - 2 wake-ups are pending, which are as good as one more.
            if (Libc.write(wakeState, wakeups, one, Long.BYTES) < 0 && Libc.errno(wakeState) != Errno.EAGAIN.number()) {
                throw new IllegalStateException("write of the eventfd: " + Errno.describe(Libc.errno(wakeState)));
            }
        }
    }

    @Override
    public int drain(Consumer<WatchEvent> to) {
        if (!eventBytes.hasRemaining()) {
            fillEvents();
        }
        int count = 0;
        while (eventBytes.hasRemaining()) {
            WatchEvent event = InotifyEvents.next(eventBytes);
            count++;
            to.accept(event);
        }
        return count;
    }

    private void fillEvents() {
        long filled = Libc.read(state, inotify, events, EVENTS_SIZE);
        int errno = Libc.errno(state);
        // EINTR as EAGAIN: await says at once that there still is something.
        if (filled < 0 && errno != Errno.EAGAIN.number() && errno != Errno.EINTR.number()) {
            throw impossible("read of the inotify instance");
        }
        eventBytes.clear().limit((int) Math.max(0, filled));
    }

    @Override
    public void close() {
        synchronized (wakeLock) {
            if (closed) {
                return;
            }
            closed = true;
            close(wakeups);
        }
        close(inotify);
        arena.close();
    }

    private static FilePath procPathOf(int fd) {
        return FilePath.of("/proc/self/fd/" + fd);
    }

    private void putPath(FilePath file) {
        putPath(pathBytes, file);
    }

    private static void putPath(ByteBuffer into, FilePath file) {
        into.clear();
        file.writeTo(into);
        into.put((byte) 0);
    }

    private int open(int flags) {
        int fd;
        do {
            fd = Libc.open(state, path, flags, 0);
        } while (fd < 0 && Libc.errno(state) == Errno.EINTR.number());
        return fd;
    }

    private void poll(long at, int fd) {
        polls.set(JAVA_INT, at, fd);
        polls.set(JAVA_SHORT, at + POLL_EVENTS, Libc.POLLIN);
    }

    private IllegalStateException impossible(String call) {
        return new IllegalStateException(call + ": " + Errno.describe(Libc.errno(state)));
    }
}
