package io.kiroku.evidence.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a journal's entry in the journal export format (systemd.io/JOURNAL_EXPORT_FORMATS), byte for byte as
 * {@code journalctl -o export} of systemd 252 does: cursor, times and boot id, then every field in the order in which the
 * journal has them, then an empty line. The same entry of the same journal file always gives the same bytes.
 *
 * <p>A field whose value is printable UTF-8 in one line is written as {@code NAME=value}; any other with its length, so
 * that all bytes pass. The buffer is reused from entry to entry.
 */
public final class ExportWriter {
    /** No entry is longer, in bytes. Of a longer one nothing is kept but its length. */
    public static final int MOST = 16 << 20;

    /** Room that is kept from one entry to the next; what a longer one took is given back. */
    private static final int KEPT = 64 << 10;

    private static final byte[] BOOT_ID = ascii("_BOOT_ID=");

    private byte[] bytes = new byte[KEPT];
    private int length;
    private long dropped;

    /**
     * Begins an entry.
     *
     * @param cursor as {@code sd_journal_get_cursor(3)} gives it: printable, in one line
     * @param realtimeMicros microseconds since the Unix epoch
     * @param monotonicMicros microseconds since the boot
     * @param bootId 32 lower-case hexadecimal digits
     */
    public void begin(String cursor, long realtimeMicros, long monotonicMicros, String bootId) {
        length = 0;
        dropped = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[KEPT];
        }
        line("__CURSOR=" + cursor);
        line("__REALTIME_TIMESTAMP=" + Long.toUnsignedString(realtimeMicros));
        line("__MONOTONIC_TIMESTAMP=" + Long.toUnsignedString(monotonicMicros));
        line("_BOOT_ID=" + bootId);
    }

    private void line(String text) {
        byte[] line = ascii(text);
        reserve(line.length + 1L);
        System.arraycopy(line, 0, bytes, length, line.length);
        length += line.length;
        bytes[length++] = '\n';
    }

    /**
     * Adds a field. The boot id is passed over: it stands at the entry's beginning.
     *
     * @param data {@code NAME=value}, as {@code sd_journal_enumerate_data(3)} gives it
     * @return where the field's name begins in {@link #array()}, or -1 if it is passed over, or did not fit any more
     * @throws IllegalArgumentException if it has no name
     */
    public int field(ByteBuffer data) {
        int size = data.remaining();
        int equals = indexOfEquals(data);
        if (equals < 1) {
            throw new IllegalArgumentException("a field is NAME=value, this one of %d bytes is not".formatted(size));
        }
        if (!reserve(size + 10L)) {
            return -1;
        }
        int from = length;
        data.get(data.position(), bytes, from, size);
        if (startsWith(from, BOOT_ID)) {
            return -1;
        }
        if (PrintableLine.is(bytes, from, from + size)) {
            length = from + size;
        } else {
            int value = size - equals - 1;
            System.arraycopy(bytes, from + equals + 1, bytes, from + equals + 9, value);
            bytes[from + equals] = '\n';
            for (int i = 0; i < Long.BYTES; i++) {
                bytes[from + equals + 1 + i] = (byte) ((long) value >>> (8 * i));
            }
            length = from + equals + 9 + value;
        }
        bytes[length++] = '\n';
        return from;
    }

    private static int indexOfEquals(ByteBuffer data) {
        for (int i = data.position(); i < data.limit(); i++) {
            if (data.get(i) == '=') {
                return i - data.position();
            }
        }
        return -1;
    }

    private boolean startsWith(int from, byte[] start) {
        return Arrays.equals(bytes, from, Math.min(bytes.length, from + start.length), start, 0, start.length);
    }

    /** Ends the entry. */
    public void end() {
        if (reserve(1)) {
            bytes[length++] = '\n';
        }
    }

    private boolean reserve(long more) {
        if (dropped > 0 || length + more > MOST) {
            dropped += more;
            return false;
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(MOST, Math.max(length + more, 2L * bytes.length)));
        }
        return true;
    }

    /** Where the bytes of the entry are, from index 0 on; valid until the next entry begins. */
    public byte[] array() {
        return bytes;
    }

    /** How many of them there are; of an entry that is too long, those that fitted. */
    public int length() {
        return length;
    }

    /** How long the entry would be, in bytes, at least, if it is longer than {@link #MOST}; 0 if it is not. */
    public long tooLong() {
        return dropped == 0 ? 0 : length + dropped;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
