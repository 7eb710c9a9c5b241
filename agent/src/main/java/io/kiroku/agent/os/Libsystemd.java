package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of libsystemd that read journals, sd-journal(3). Those that can fail return a negative error number. All of
 * them are there since systemd 209. Loaded when it is first used, so that a machine without it only lacks journals.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class Libsystemd {
    private static final String LIBRARY = "libsystemd.so.0";
    private static final SymbolLookup SYMBOLS = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    private static final MethodHandle OPEN =
            function("sd_journal_open_directory", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = link("sd_journal_close", FunctionDescriptor.ofVoid(ADDRESS), SYMBOLS);
    private static final MethodHandle THRESHOLD =
            function("sd_journal_set_data_threshold", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle GET_FD = function("sd_journal_get_fd", JAVA_INT, ADDRESS);
    private static final MethodHandle PROCESS = function("sd_journal_process", JAVA_INT, ADDRESS);
    private static final MethodHandle SEEK_HEAD = function("sd_journal_seek_head", JAVA_INT, ADDRESS);
    private static final MethodHandle SEEK_CURSOR = function("sd_journal_seek_cursor", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle TEST_CURSOR = function("sd_journal_test_cursor", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle NEXT = function("sd_journal_next", JAVA_INT, ADDRESS);
    private static final MethodHandle GET_CURSOR = function("sd_journal_get_cursor", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GET_REALTIME =
            function("sd_journal_get_realtime_usec", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GET_MONOTONIC =
            function("sd_journal_get_monotonic_usec", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle RESTART_DATA =
            link("sd_journal_restart_data", FunctionDescriptor.ofVoid(ADDRESS), SYMBOLS);
    private static final MethodHandle ENUMERATE_DATA =
            function("sd_journal_enumerate_data", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle FREE = link(
            "free", FunctionDescriptor.ofVoid(ADDRESS), Linker.nativeLinker().defaultLookup());

    private Libsystemd() {}

    static int open(MemorySegment journal, MemorySegment path, int flags) {
        try {
            return (int) OPEN.invokeExact(journal, path, flags);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static void close(MemorySegment journal) {
        try {
            CLOSE.invokeExact(journal);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setDataThreshold(MemorySegment journal, long bytes) {
        try {
            return (int) THRESHOLD.invokeExact(journal, bytes);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int getFd(MemorySegment journal) {
        return call(GET_FD, journal);
    }

    static int process(MemorySegment journal) {
        return call(PROCESS, journal);
    }

    static int seekHead(MemorySegment journal) {
        return call(SEEK_HEAD, journal);
    }

    static int seekCursor(MemorySegment journal, MemorySegment cursor) {
        return call(SEEK_CURSOR, journal, cursor);
    }

    static int testCursor(MemorySegment journal, MemorySegment cursor) {
        return call(TEST_CURSOR, journal, cursor);
    }

    static int next(MemorySegment journal) {
        return call(NEXT, journal);
    }

    static int getCursor(MemorySegment journal, MemorySegment into) {
        return call(GET_CURSOR, journal, into);
    }

    static int getRealtime(MemorySegment journal, MemorySegment into) {
        return call(GET_REALTIME, journal, into);
    }

    static int getMonotonic(MemorySegment journal, MemorySegment into, MemorySegment bootId) {
        return call(GET_MONOTONIC, journal, into, bootId);
    }

    static void restartData(MemorySegment journal) {
        try {
            RESTART_DATA.invokeExact(journal);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int enumerateData(MemorySegment journal, MemorySegment data, MemorySegment length) {
        return call(ENUMERATE_DATA, journal, data, length);
    }

    static void free(MemorySegment memory) {
        try {
            FREE.invokeExact(memory);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int call(MethodHandle function, MemorySegment journal) {
        try {
            return (int) function.invokeExact(journal);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int call(MethodHandle function, MemorySegment journal, MemorySegment one) {
        try {
            return (int) function.invokeExact(journal, one);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int call(MethodHandle function, MemorySegment journal, MemorySegment one, MemorySegment two) {
        try {
            return (int) function.invokeExact(journal, one, two);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static MethodHandle function(
            String name, MemoryLayout result, AddressLayout journal, MemoryLayout... more) {
        FunctionDescriptor type = FunctionDescriptor.of(result, journal).appendArgumentLayouts(more);
        return link(name, type, SYMBOLS);
    }

    private static MethodHandle link(String name, FunctionDescriptor type, SymbolLookup symbols) {
        MemorySegment symbol = symbols.find(name)
                .orElseThrow(() -> new UnsupportedOperationException("%s has no %s".formatted(LIBRARY, name)));
        return Linker.nativeLinker().downcallHandle(symbol, type);
    }
}
