package io.kiroku.systemtests.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A number at the beginning of a line's text, by which it is known again wherever an agent put the line. */
final class LineNumber {
    private static final byte[] MARK = "line=".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGITS = 10;

    /** Bytes that it takes, with a space behind it. */
    static final int LENGTH = MARK.length + DIGITS + 1;

    private LineNumber() {}

    /** @param number below 10^10 */
    static void put(ByteBuffer out, long number) {
        out.put(MARK);
        long divisor = 1_000_000_000L;
        for (int i = 0; i < DIGITS; i++) {
            out.put((byte) ('0' + number / divisor % 10));
            divisor /= 10;
        }
        out.put((byte) ' ');
    }

    /** The first such number within the bytes; -1 if there is none. */
    static long find(byte[] bytes, int from, int to) {
        for (int at = from; at + LENGTH <= to; at++) {
            if (bytes[at] == MARK[0]) {
                long number = read(bytes, at);
                if (number >= 0) {
                    return number;
                }
            }
        }
        return -1;
    }

    private static long read(byte[] bytes, int at) {
        for (int i = 1; i < MARK.length; i++) {
            if (bytes[at + i] != MARK[i]) {
                return -1;
            }
        }
        long number = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = bytes[at + MARK.length + i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }
}
