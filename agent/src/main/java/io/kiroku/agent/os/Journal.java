package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The journal files of a directory as one sequence of entries, read through libsystemd. For use by one thread. Files that
 * libsystemd cannot read it leaves out without a word: who needs to know looks for holes in the sequence numbers.
 */
public final class Journal implements AutoCloseable {
    /** Room for what calls give back: two pointers or numbers, and a boot id. */
    private static final long POINTERS = 4 * Long.BYTES;

    /** SD_JOURNAL_INVALIDATE, sd-journal.h. */
    private static final int INVALIDATE = 2;

    private final MemorySegment journal;
    private final MemorySegment first;
    private final MemorySegment second;

    private Journal(MemorySegment journal, MemorySegment pointers) {
        this.journal = journal;
        this.first = pointers.asSlice(0, 2 * Long.BYTES);
        this.second = pointers.asSlice(2 * Long.BYTES, 2 * Long.BYTES);
    }

    /**
     * Opens a directory's journal files, and those in the directories below it that are named after a machine id, and
     * begins to notice files that come and go.
     *
     * @param mostField no field is given with more bytes than this; one that comes with as many may be cut
     * @throws ErrnoException if the directory cannot be read
     * @throws IOException with one sentence if there is no libsystemd here
     */
    public static Journal open(FilePath directory, int mostField) throws IOException {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment pointers = Arena.ofAuto().allocate(POINTERS, Long.BYTES);
            int opened = Libsystemd.open(pointers, cString(call, directory.bytes()), 0);
            if (opened < 0) {
                throw new ErrnoException(-opened, "sd_journal_open_directory", directory);
            }
            Journal journal = new Journal(pointers.get(ADDRESS, 0), pointers);
            try {
                check(Libsystemd.setDataThreshold(journal.journal, mostField), "sd_journal_set_data_threshold");
                check(Libsystemd.getFd(journal.journal), "sd_journal_get_fd");
                check(Libsystemd.seekHead(journal.journal), "sd_journal_seek_head");
            } catch (ErrnoException failed) {
                Libsystemd.close(journal.journal);
                throw failed;
            }
            return journal;
        } catch (IllegalArgumentException | UnsupportedOperationException | LinkageError none) {
            throw new IOException("journals are not captured, as libsystemd.so.0 cannot be used here", none);
        }
    }

    /** Takes note of files that came or went, and says whether any did. */
    public boolean process() throws ErrnoException {
        return check(Libsystemd.process(journal), "sd_journal_process") == INVALIDATE;
    }

    /** Goes to the entry of that cursor, or to where it would be; {@link #next} then is at it, or behind. */
    public void seek(String cursor) throws ErrnoException {
        try (Arena call = Arena.ofConfined()) {
            check(Libsystemd.seekCursor(journal, cString(call, ascii(cursor))), "sd_journal_seek_cursor");
        }
    }

    /** Whether the entry that {@link #next} went to has that cursor. */
    public boolean isAt(String cursor) throws ErrnoException {
        try (Arena call = Arena.ofConfined()) {
            return check(Libsystemd.testCursor(journal, cString(call, ascii(cursor))), "sd_journal_test_cursor") > 0;
        }
    }

    /** Goes to the next entry. False if there is none yet. */
    public boolean next() throws ErrnoException {
        return check(Libsystemd.next(journal), "sd_journal_next") > 0;
    }

    /** The entry's cursor: printable ASCII. */
    public String cursor() throws ErrnoException {
        check(Libsystemd.getCursor(journal, first), "sd_journal_get_cursor");
        MemorySegment text = first.get(ADDRESS, 0);
        try {
            return unbounded(text).getString(0, StandardCharsets.US_ASCII);
        } finally {
            Libsystemd.free(text);
        }
    }

    /** When journald received the entry, in microseconds since the Unix epoch. */
    public long realtimeMicros() throws ErrnoException {
        check(Libsystemd.getRealtime(journal, first), "sd_journal_get_realtime_usec");
        return first.get(JAVA_LONG, 0);
    }

    /** The same in microseconds since the boot that {@link #bootId} then names. */
    public long monotonicMicros() throws ErrnoException {
        check(Libsystemd.getMonotonic(journal, first, second), "sd_journal_get_monotonic_usec");
        return first.get(JAVA_LONG, 0);
    }

    /** The boot that {@link #monotonicMicros} counted from: 32 hexadecimal digits. */
    public String bootId() {
        return HexFormat.of().formatHex(second.toArray(JAVA_BYTE));
    }

    /** The entry's fields are to be given from the first. */
    public void restartData() {
        Libsystemd.restartData(journal);
    }

    /**
     * The entry's next field, {@code NAME=value}, valid until the next call; null if there is none.
     *
     * @throws ErrnoException if this field, or what follows, cannot be read
     */
    public @Nullable ByteBuffer nextData() throws ErrnoException {
        if (check(Libsystemd.enumerateData(journal, first, second), "sd_journal_enumerate_data") == 0) {
            return null;
        }
        return field(first.get(ADDRESS, 0), second.get(JAVA_LONG, 0));
    }

    @SuppressWarnings("restricted") // the library says how long it is
    private static ByteBuffer field(MemorySegment data, long length) {
        return data.reinterpret(length).asByteBuffer();
    }

    @SuppressWarnings("restricted") // a C string: the library has put a NUL at its end
    private static MemorySegment unbounded(MemorySegment text) {
        return text.reinterpret(Long.MAX_VALUE);
    }

    private static int check(int result, String call) throws ErrnoException {
        if (result < 0) {
            throw ErrnoException.onCall(-result, call);
        }
        return result;
    }

    private static MemorySegment cString(Arena arena, byte[] bytes) {
        MemorySegment text = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, text, JAVA_BYTE, 0, bytes.length);
        return text;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        Libsystemd.close(journal);
    }
}
