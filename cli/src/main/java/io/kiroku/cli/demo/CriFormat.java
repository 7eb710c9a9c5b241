package io.kiroku.cli.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;

/**
 * Lines as containerd puts them into a log file: {@code <RFC3339Nano> <stdout|stderr> <P|F> <content>\n}. A line longer
 * than {@link #MOST_PART} becomes several, all but the last tagged {@code P}; the end of an output without a newline
 * stays a {@code P} with no {@code F} ever after (containerd, internal/cri/io/logger.go).
 */
public final class CriFormat {
    /** Bytes of content in one line of the file (containerd's {@code max_container_log_line_size}). */
    public static final int MOST_PART = 16_384;

    /** No line of the file has more bytes besides its content. */
    static final int MOST_OVERHEAD = 30 + 1 + 6 + 1 + 1 + 1 + 1;

    private static final byte[] STDOUT = " stdout ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STDERR = " stderr ".getBytes(StandardCharsets.US_ASCII);
    private static final int NANO_DIGITS = 9;

    /** The second that {@link #second} spells: one of these serves one writer, whose clock seldom moves that far. */
    private long spelled = Long.MIN_VALUE;

    private final byte[] second = new byte["2026-01-01T00:00:00".length()];

    /** Room that a line of so many bytes needs at most. */
    public static int roomFor(int contentLength) {
        int parts = Math.max(1, (contentLength + MOST_PART - 1) / MOST_PART);
        return contentLength + parts * MOST_OVERHEAD;
    }

    /**
     * Appends one line of output.
     *
     * @param wallNanos nanoseconds since the Unix epoch
     * @param content the line without its newline, all remaining bytes
     * @param ended whether a newline followed it
     */
    public void append(ByteBuffer out, long wallNanos, StdStream stream, ByteBuffer content, boolean ended) {
        int limit = content.limit();
        do {
            int part = Math.min(MOST_PART, limit - content.position());
            boolean last = content.position() + part == limit;
            appendTime(out, wallNanos);
            out.put(stream == StdStream.STDOUT ? STDOUT : STDERR);
            out.put((byte) (last && ended ? 'F' : 'P')).put((byte) ' ');
            content.limit(content.position() + part);
            out.put(content).put((byte) '\n');
            content.limit(limit);
        } while (content.hasRemaining());
    }

    /** RFC 3339 in UTC, with as many digits of the second's fraction as are needed: Go's time.RFC3339Nano. */
    private void appendTime(ByteBuffer out, long wallNanos) {
        long seconds = Math.floorDiv(wallNanos, 1_000_000_000L);
        if (seconds != spelled) {
            spell(seconds);
        }
        out.put(second);
        int fraction = (int) Math.floorMod(wallNanos, 1_000_000_000L);
        if (fraction != 0) {
            int digits = NANO_DIGITS;
            while (fraction % 10 == 0) {
                fraction /= 10;
                digits--;
            }
            out.put((byte) '.');
            int at = out.position();
            for (int i = digits - 1; i >= 0; i--) {
                out.put(at + i, (byte) ('0' + fraction % 10));
                fraction /= 10;
            }
            out.position(at + digits);
        }
        out.put((byte) 'Z');
    }

    private void spell(long seconds) {
        long day = Math.floorDiv(seconds, 86_400L);
        int ofDay = (int) Math.floorMod(seconds, 86_400L);
        LocalDate date = LocalDate.ofEpochDay(day);
        digits(0, 4, date.getYear());
        second[4] = '-';
        digits(5, 2, date.getMonthValue());
        second[7] = '-';
        digits(8, 2, date.getDayOfMonth());
        second[10] = 'T';
        digits(11, 2, ofDay / 3600);
        second[13] = ':';
        digits(14, 2, ofDay / 60 % 60);
        second[16] = ':';
        digits(17, 2, ofDay % 60);
        spelled = seconds;
    }

    private void digits(int at, int count, int value) {
        int rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            second[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
