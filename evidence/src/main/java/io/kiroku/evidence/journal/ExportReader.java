package io.kiroku.evidence.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes entries out of bytes in the export format, whatever pieces these come in. Trusts nothing: what is in no format, or
 * longer than {@link ExportWriter#MOST}, is passed over to the next entry, and so is what
 * comes first if it begins within one. Holds one entry and the bytes given
 * last.
 */
public final class ExportReader {
    private static final byte[] CURSOR = "__CURSOR=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT = "\n\n__CURSOR=".getBytes(StandardCharsets.US_ASCII);

    /** No field's name is longer, in bytes (systemd: DATA_FIELD_NAME_MAX is 64). */
    private static final int MOST_NAME = 255;

    private static final int KEPT = 1 << 20;

    private final ExportEntry entry = new ExportEntry();
    private byte[] bytes = new byte[0];
    private int from;
    private int to;

    /** Where the field begins that is looked at next; all of the entry before it was taken in. */
    private int at;

    /** Whether the next entry's beginning has to be looked for. */
    private boolean lost;

    /** Gives it more bytes; the array is the caller's again afterwards. All entries before them must have been taken. */
    public void add(byte[] more, int moreFrom, int moreTo) {
        int held = to - from;
        int needed = held + (moreTo - moreFrom);
        if (to + (moreTo - moreFrom) > bytes.length) {
            byte[] room = needed > bytes.length || bytes.length > KEPT ? new byte[Math.max(needed, held * 2)] : bytes;
            System.arraycopy(bytes, from, room, 0, held);
            bytes = room;
            at -= from;
            entry.shift(from);
            from = 0;
            to = held;
        }
        System.arraycopy(more, moreFrom, bytes, to, moreTo - moreFrom);
        to += moreTo - moreFrom;
    }

    /** The next whole entry; null if more bytes are needed for it. */
    public @Nullable ExportEntry next() {
        while (from < to) {
            if (lost && !find()) {
                return null;
            }
            if (at == from) {
                entry.begin(from);
            }
            switch (field()) {
                case MORE -> {
                    if (to - from > ExportWriter.MOST) {
                        lose();
                    } else {
                        return null;
                    }
                }
                case NONE -> lose();
                case ONE -> {}
                case END -> {
                    entry.end(bytes, at);
                    from = at;
                    return entry;
                }
            }
        }
        from = 0;
        to = 0;
        at = 0;
        return null;
    }

    private enum Found {
        ONE,
        END,
        MORE,
        NONE
    }

    /** Looks at the field at {@link #at}. */
    private Found field() {
        boolean isFirst = at == from;
        if (at == to) {
            return Found.MORE;
        }
        if (isFirst && !isPrefix(CURSOR)) {
            return Found.NONE;
        }
        if (bytes[at] == '\n') {
            at++;
            return Found.END;
        }
        int equals = -1;
        int end = at;
        while (end < to && bytes[end] != '\n') {
            if (equals < 0 && bytes[end] == '=') {
                equals = end;
            }
            end++;
        }
        if ((equals < 0 ? end : equals) - at > MOST_NAME || entry.isFull() || equals == at) {
            return Found.NONE;
        }
        if (end == to) {
            return Found.MORE;
        }
        if (equals >= 0) {
            entry.add(at, equals + 1, end);
            at = end + 1;
            return Found.ONE;
        }
        return binary(end + 1);
    }

    private Found binary(int lengthAt) {
        if (to - lengthAt < Long.BYTES) {
            return Found.MORE;
        }
        long length = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            length = length << 8 | (bytes[lengthAt + i] & 0xff);
        }
        if (length < 0 || length > ExportWriter.MOST) {
            return Found.NONE;
        }
        int valueFrom = lengthAt + Long.BYTES;
        if (to - valueFrom <= length) {
            return Found.MORE;
        }
        int valueTo = valueFrom + (int) length;
        if (bytes[valueTo] != '\n') {
            return Found.NONE;
        }
        entry.add(at, valueFrom, valueTo);
        at = valueTo + 1;
        return Found.ONE;
    }

    /** Whether what is there begins like that, as far as it goes. */
    private boolean isPrefix(byte[] start) {
        int length = Math.min(start.length, to - from);
        return Arrays.equals(bytes, from, from + length, start, 0, length);
    }

    /** What is held begins no entry: the next one is looked for. */
    private void lose() {
        at = from;
        lost = true;
    }

    /** Goes to where an entry seems to begin behind another. */
    private boolean find() {
        for (int i = from; i + NEXT.length <= to; i++) {
            if (Arrays.equals(bytes, i, i + NEXT.length, NEXT, 0, NEXT.length)) {
                from = i + 2;
                at = from;
                lost = false;
                return true;
            }
        }
        from = Math.max(from, to - NEXT.length + 1);
        at = from;
        return false;
    }
}
