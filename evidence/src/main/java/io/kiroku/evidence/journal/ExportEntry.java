package io.kiroku.evidence.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An entry in the export format, as a view of the reader's bytes: valid until the reader is asked for the next. */
public final class ExportEntry {
    /** No entry of journald's has more fields; neither does one that is read here. */
    public static final int MOST_FIELDS = 1024;

    private final int[] fields = new int[3 * MOST_FIELDS];
    private byte[] bytes = new byte[0];
    private int count;
    private int from;
    private int to;

    void begin(int start) {
        count = 0;
        from = start;
        to = start;
    }

    boolean isFull() {
        return count == MOST_FIELDS;
    }

    void add(int nameFrom, int valueFrom, int valueTo) {
        fields[3 * count] = nameFrom;
        fields[3 * count + 1] = valueFrom;
        fields[3 * count + 2] = valueTo;
        count++;
    }

    /** The bytes have been moved towards the beginning of their array. */
    void shift(int by) {
        from -= by;
        to -= by;
        for (int i = 0; i < 3 * count; i++) {
            fields[i] -= by;
        }
    }

    void end(byte[] array, int end) {
        bytes = array;
        to = end;
    }

    /** Where its bytes are, from {@link #from()} to {@link #to()}. */
    public byte[] array() {
        return bytes;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    /** Number of fields, those of the journal's own included. */
    public int fields() {
        return count;
    }

    /** The index of the first field of that name; -1 if there is none. */
    public int find(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < count; i++) {
            int start = fields[3 * i];
            int end = start + wanted.length;
            if (end < fields[3 * i + 1]
                    && (bytes[end] == '=' || bytes[end] == '\n')
                    && Arrays.equals(bytes, start, end, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    /** Where the value of that field begins in {@link #array()}. */
    public int valueFrom(int field) {
        return fields[3 * field + 1];
    }

    public int valueTo(int field) {
        return fields[3 * field + 2];
    }

    /** Whether the match takes the entry. */
    public boolean is(UnitMatch units) {
        units.begin();
        for (int i = 0; i < count; i++) {
            units.field(bytes, fields[3 * i], fields[3 * i + 2]);
        }
        return units.matches();
    }
}
