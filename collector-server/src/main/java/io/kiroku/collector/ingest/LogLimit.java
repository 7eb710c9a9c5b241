package io.kiroku.collector.ingest;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Keeps what comes from outside from filling the log: so many sentences at once, then one for each interval that has
 * passed; what is left out is counted. Used by any thread.
 */
public final class LogLimit {
    static final int AT_ONCE = 50;
    static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** The answer for a sentence that is to be left out. */
    static final long LEFT_OUT = -1;

    private final LongSupplier nanoTime;
    private long spentUntil;
    private long leftOut;

    public LogLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.spentUntil = nanoTime.getAsLong() - AT_ONCE * INTERVAL_NANOS;
    }

    /** Logs a sentence, to which the full stop is added, unless there were too many. */
    public void say(Logger log, String sentence) {
        long before = admit();
        if (before > 0) {
            log.info("{} more sentences about connections were left out.", before);
        }
        if (before != LEFT_OUT) {
            log.info("{}.", sentence);
        }
    }

    /** Whether a sentence may be logged now: how many were left out before it, or {@link #LEFT_OUT}. */
    synchronized long admit() {
        long now = nanoTime.getAsLong();
        spentUntil = Math.max(spentUntil, now - AT_ONCE * INTERVAL_NANOS);
        if (spentUntil + INTERVAL_NANOS > now) {
            leftOut++;
            return LEFT_OUT;
        }
        spentUntil += INTERVAL_NANOS;
        long before = leftOut;
        leftOut = 0;
        return before;
    }
}
