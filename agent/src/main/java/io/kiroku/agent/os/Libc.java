package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The C library's functions, one method each, by their C names.
 *
 * <p>A method that can fail takes a segment of {@link #CALL_STATE} first and leaves {@code errno} there for
 * {@link #errno}: by the time Java code runs again, the JVM may have overwritten the thread's own {@code errno}.
 * All handles are constants, so that calls compile to a direct call. None is {@code critical}: each may block, and a
 * critical call would hold up the garbage collector.
 *
 * <p>Widths are those of LP64 (Linux on x86_64 and aarch64): {@code int} 32, {@code long}, {@code size_t},
 * {@code off_t} 64 bits. Values of constants are the same on both where nothing else is said.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class Libc {
    /** Where a call leaves {@code errno}. */
    static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

    /** Room for a path with its closing NUL: PATH_MAX, {@code linux/limits.h}. */
    static final int PATH_SIZE = 4096;

    // fcntl.h, asm-generic/fcntl.h
    static final int POSIX_FADV_DONTNEED = 4;
    static final int O_RDONLY = 0;
    static final int O_RDWR = 0x2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NOCTTY = 0x100;
    static final int O_NONBLOCK = 0x800;
    static final int O_NOATIME = 0x4_0000;
    static final int O_CLOEXEC = 0x8_0000;
    static final int O_DIRECTORY = perMachine(0x1_0000, 0x4000);
    // fcntl.h: commands of fcntl(2), kinds of lease; signal.h: a signal that does nothing unless it is asked for
    static final int F_SETSIG = 10;
    static final int F_SETLEASE = 1024;
    static final int F_RDLCK = 0;
    static final int F_UNLCK = 2;
    static final int SIGURG = 23;
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_FOLLOW = 0x400;
    static final int AT_EMPTY_PATH = 0x1000;

    // sys/inotify.h, sys/eventfd.h: both are O_CLOEXEC and O_NONBLOCK by other names
    static final int CLOEXEC_NONBLOCK = O_CLOEXEC | O_NONBLOCK;

    // poll.h
    static final short POLLIN = 1;

    // linux/time.h
    static final int CLOCK_REALTIME = 0;
    static final int CLOCK_BOOTTIME = 7;

    /** asm/unistd_64.h; asm-generic/unistd.h. */
    private static final long SYS_GETDENTS64 = perMachine(217, 61);

    private static final long ERRNO_OFFSET = CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle PREAD = function("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE = function("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FSYNC = function("fsync", JAVA_INT, JAVA_INT);
    private static final MethodHandle FTRUNCATE = function("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle STATX =
            function("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle GETDENTS64 =
            variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle FALLOCATE =
            function("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle POSIX_FADVISE =
            function("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LINKAT =
            function("linkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SYMLINK = function("symlink", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle READLINK = function("readlink", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle UNLINK = function("unlink", JAVA_INT, ADDRESS);
    private static final MethodHandle INOTIFY_INIT1 = function("inotify_init1", JAVA_INT, JAVA_INT);
    private static final MethodHandle INOTIFY_ADD_WATCH =
            function("inotify_add_watch", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle INOTIFY_RM_WATCH = function("inotify_rm_watch", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD = function("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle PPOLL = function("ppoll", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle FCNTL = variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOCK_GETTIME = function("clock_gettime", JAVA_INT, JAVA_INT, ADDRESS);

    private Libc() {}

    /** What {@code errno} was right after the last call with this state; means something only if that call failed. */
    static int errno(MemorySegment state) {
        return state.get(JAVA_INT, ERRNO_OFFSET);
    }

    static int open(MemorySegment state, MemorySegment path, int flags, int mode) {
        try {
            return (int) OPEN.invokeExact(state, path, flags, mode);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int close(MemorySegment state, int fd) {
        try {
            return (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static long read(MemorySegment state, int fd, MemorySegment into, long count) {
        try {
            return (long) READ.invokeExact(state, fd, into, count);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static long write(MemorySegment state, int fd, MemorySegment from, long count) {
        try {
            return (long) WRITE.invokeExact(state, fd, from, count);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static long pread(MemorySegment state, int fd, MemorySegment into, long count, long offset) {
        try {
            return (long) PREAD.invokeExact(state, fd, into, count, offset);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static long pwrite(MemorySegment state, int fd, MemorySegment from, long count, long offset) {
        try {
            return (long) PWRITE.invokeExact(state, fd, from, count, offset);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int fsync(MemorySegment state, int fd) {
        try {
            return (int) FSYNC.invokeExact(state, fd);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int ftruncate(MemorySegment state, int fd, long size) {
        try {
            return (int) FTRUNCATE.invokeExact(state, fd, size);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int statx(MemorySegment state, int fd, MemorySegment path, int flags, int mask, MemorySegment into) {
        try {
            return (int) STATX.invokeExact(state, fd, path, flags, mask, into);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /**
     * getdents64(2), by syscall(2): glibc has a wrapper only since 2.30, musl under another name. Not readdir(3), which
     * tells an error from the end by an {@code errno} that must be 0 before the call: Java cannot see to that.
     */
    static long getdents64(MemorySegment state, int fd, MemorySegment into, long size) {
        try {
            return (long) GETDENTS64.invokeExact(state, SYS_GETDENTS64, fd, into, size);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /** fallocate(2) and not posix_fallocate(3), which hides that the file system has none and then writes by itself. */
    static int fallocate(MemorySegment state, int fd, int mode, long offset, long length) {
        try {
            return (int) FALLOCATE.invokeExact(state, fd, mode, offset, length);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /** Returns the error's number and leaves errno alone, unlike the others. */
    static int posixFadvise(MemorySegment state, int fd, long offset, long length, int advice) {
        try {
            return (int) POSIX_FADVISE.invokeExact(state, fd, offset, length, advice);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int linkat(MemorySegment state, int fromFd, MemorySegment from, int toFd, MemorySegment to, int flags) {
        try {
            return (int) LINKAT.invokeExact(state, fromFd, from, toFd, to, flags);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int symlink(MemorySegment state, MemorySegment target, MemorySegment name) {
        try {
            return (int) SYMLINK.invokeExact(state, target, name);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static long readlink(MemorySegment state, MemorySegment name, MemorySegment into, long size) {
        try {
            return (long) READLINK.invokeExact(state, name, into, size);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int unlink(MemorySegment state, MemorySegment name) {
        try {
            return (int) UNLINK.invokeExact(state, name);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int inotifyInit1(MemorySegment state, int flags) {
        try {
            return (int) INOTIFY_INIT1.invokeExact(state, flags);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int inotifyAddWatch(MemorySegment state, int fd, MemorySegment path, int mask) {
        try {
            return (int) INOTIFY_ADD_WATCH.invokeExact(state, fd, path, mask);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int inotifyRmWatch(MemorySegment state, int fd, int watch) {
        try {
            return (int) INOTIFY_RM_WATCH.invokeExact(state, fd, watch);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int eventfd(MemorySegment state, int initial, int flags) {
        try {
            return (int) EVENTFD.invokeExact(state, initial, flags);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int ppoll(MemorySegment state, MemorySegment fds, long count, MemorySegment timeout) {
        try {
            return (int) PPOLL.invokeExact(state, fds, count, timeout, MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int fcntl(MemorySegment state, int fd, int command, int argument) {
        try {
            return (int) FCNTL.invokeExact(state, fd, command, argument);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int clockGettime(MemorySegment state, int clock, MemorySegment into) {
        try {
            return (int) CLOCK_GETTIME.invokeExact(state, clock, into);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(result, arguments), List.of());
    }

    private static MethodHandle variadic(String name, int named, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(result, arguments), List.of(Linker.Option.firstVariadicArg(named)));
    }

    private static MethodHandle link(String name, FunctionDescriptor type, List<Linker.Option> more) {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("the C library has no function " + name));
        List<Linker.Option> options = new ArrayList<>(more);
        options.add(Linker.Option.captureCallState("errno"));
        return linker.downcallHandle(symbol, type, options.toArray(Linker.Option[]::new));
    }

    private static int perMachine(int amd64, int aarch64) {
        String os = System.getProperty("os.name");
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        if (os.equals("Linux") && machine.equals("amd64")) {
            return amd64;
        }
        if (os.equals("Linux") && machine.equals("aarch64")) {
            return aarch64;
        }
        throw new UnsupportedOperationException(
                "the agent runs on Linux on amd64 or aarch64, this is " + os + " on " + machine);
    }

    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof RuntimeException known) {
            return known;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a native call threw a checked exception", thrown);
    }
}
