package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;

/** The frame of DER (X.690) that somebody else made: looked at before a parser that recurses is. */
final class Der {
    /** Values within values. A timestamp response with certificates has about 15. */
    static final int MOST_DEPTH = 40;

    private static final int CONSTRUCTED = 0x20;
    private static final int HIGH_TAG = 0x1f;
    private static final int LONG_LENGTH = 0x80;

    private final byte[] bytes;
    private final String what;
    private int at;

    private Der(byte[] bytes, String what) {
        this.bytes = bytes;
        this.what = what;
    }

    /**
     * Checks that the bytes are one value, and that all values in it have a definite length and lie within their bounds.
     *
     * @param most bytes
     * @param what for the sentence: what the bytes should be
     */
    static void check(byte[] bytes, int most, String what) throws MalformedException {
        if (bytes.length > most) {
            throw new MalformedException(
                    "expected %s of at most %d bytes, found %d".formatted(what, most, bytes.length));
        }
        new Der(bytes, what).walk();
    }

    private void walk() throws MalformedException {
        int[] ends = new int[MOST_DEPTH + 1];
        int depth = 0;
        ends[0] = bytes.length;
        do {
            int start = at;
            int tag = next(ends[depth]);
            if ((tag & HIGH_TAG) == HIGH_TAG) {
                throw new MalformedException(
                        "expected tags below 31 in %s, found another at offset %d".formatted(what, start));
            }
            int length = length(ends[depth]);
            if (length > ends[depth] - at || (depth == 0 && length < ends[0] - at)) {
                throw new MalformedException("expected a value of %d bytes in %s at offset %d, found %d bytes"
                        .formatted(length, what, start, ends[depth] - at));
            }
            if ((tag & CONSTRUCTED) == 0) {
                at += length;
            } else if (depth < MOST_DEPTH) {
                ends[++depth] = at + length;
            } else {
                throw new MalformedException(
                        "expected at most %d values within each other in %s, found more".formatted(MOST_DEPTH, what));
            }
            while (depth > 0 && at == ends[depth]) {
                depth--;
            }
        } while (depth > 0);
    }

    private int next(int end) throws MalformedException {
        if (at >= end) {
            throw new MalformedException("expected %s, found its end at offset %d".formatted(what, at));
        }
        return bytes[at++] & 0xff;
    }

    private int length(int end) throws MalformedException {
        int first = next(end);
        if (first < LONG_LENGTH) {
            return first;
        }
        int octets = first - LONG_LENGTH;
        if (octets < 1 || octets > Integer.BYTES) {
            throw new MalformedException(
                    "expected a length of 1 to 4 bytes in %s before offset %d, found %d".formatted(what, at, octets));
        }
        int length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << Byte.SIZE | next(end);
        }
        if (length < 0) {
            throw new MalformedException("expected %s, found a length above 2^31 before offset %d".formatted(what, at));
        }
        return length;
    }
}
