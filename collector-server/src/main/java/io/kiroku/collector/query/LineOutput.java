package io.kiroku.collector.query;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Takes lines piece by piece from up to three writers at once (the two outputs of a container, and what is in no format),
 * leaves out those that are not asked for, and keeps pieces of different lines from running into one.
 */
final class LineOutput {
    /** The writer of lines that are in no container's format. */
    static final int OTHER = 2;

    private static final int NOBODY = -1;
    private static final byte[] NEWLINE = {'\n'};

    /** Lines of one source are that much out of order at most, if its node's clock did not step. */
    private static final long DISORDER = Duration.ofMinutes(1).toNanos();

    private final LogOutput out;
    private final long since;
    private final long until;
    private final boolean timestamps;
    private final boolean[] shown = new boolean[3];
    private byte[] prefix = {};
    private int unfinished = NOBODY;
    private long skip;
    private long lines;
    private boolean counting;
    private boolean past;

    /**
     * @param since lines before this time are left out
     * @param until lines after this time are left out
     * @param timestamps whether a line's time is put before it
     */
    LineOutput(LogOutput out, @Nullable Instant since, @Nullable Instant until, boolean timestamps) {
        this.out = out;
        this.since = since == null ? Long.MIN_VALUE : nanos(since);
        this.until = until == null ? Long.MAX_VALUE : nanos(until);
        this.timestamps = timestamps;
    }

    private static long nanos(Instant instant) {
        Instant bounded = instant.isBefore(Instant.ofEpochSecond(-9_000_000_000L))
                ? Instant.ofEpochSecond(-9_000_000_000L)
                : instant.isAfter(Instant.ofEpochSecond(9_000_000_000L))
                        ? Instant.ofEpochSecond(9_000_000_000L)
                        : instant;
        return bounded.getEpochSecond() * 1_000_000_000L + bounded.getNano();
    }

    /** What stands before each line, also before the rest of one that was interrupted. */
    void prefix(byte[] text) {
        prefix = text.clone();
    }

    /** Leaves out so many lines of those that would be shown. */
    void skip(long count) {
        skip = count;
        lines = 0;
    }

    /** From now on {@link #lines} is asked for. */
    void count() {
        counting = true;
    }

    /** How many lines were asked for, shown or skipped, since {@link #skip}. */
    long lines() {
        return lines;
    }

    /** Whether, since the last call, a line has come that is so late that no line asked for comes after it in its file. */
    boolean takePast() {
        boolean was = past;
        past = false;
        return was;
    }

    /** Whether every byte is shown as it is, and no lines need be told apart. */
    boolean isTransparent() {
        return since == Long.MIN_VALUE
                && until == Long.MAX_VALUE
                && !timestamps
                && skip == 0
                && !counting
                && prefix.length == 0;
    }

    /** A line begins. */
    void begin(int writer, long nanos, byte[] time, int timeFrom, int timeTo) throws IOException {
        shown[writer] = nanos >= since && nanos <= until && ++lines > skip;
        past |= nanos > until && nanos - until > DISORDER;
        if (!shown[writer]) {
            return;
        }
        interrupt();
        unfinished = writer;
        out.bytes(prefix, 0, prefix.length);
        if (timestamps && timeTo > timeFrom) {
            out.bytes(time, timeFrom, timeTo - timeFrom);
            out.bytes(new byte[] {' '}, 0, 1);
        }
    }

    /** More of the line that the writer has begun. */
    void content(int writer, byte[] bytes, int from, int to) throws IOException {
        if (!shown[writer] || to <= from) {
            return;
        }
        if (unfinished != writer) {
            interrupt();
            unfinished = writer;
            out.bytes(prefix, 0, prefix.length);
        }
        out.bytes(bytes, from, to - from);
    }

    /** The writer's line is at its end. */
    void end(int writer) throws IOException {
        if (!shown[writer]) {
            return;
        }
        if (unfinished != writer) {
            interrupt();
        }
        out.bytes(NEWLINE, 0, 1);
        unfinished = NOBODY;
    }

    /** Bytes that are shown as they are. */
    void pass(byte[] bytes, int from, int to) throws IOException {
        if (to <= from) {
            return;
        }
        if (unfinished != OTHER) {
            interrupt();
        }
        out.bytes(bytes, from, to - from);
        unfinished = bytes[to - 1] == '\n' ? NOBODY : OTHER;
    }

    /** Ends a line that was begun and not ended, so that something else may follow. */
    void interrupt() throws IOException {
        if (unfinished != NOBODY) {
            out.bytes(NEWLINE, 0, 1);
            unfinished = NOBODY;
        }
    }
}
