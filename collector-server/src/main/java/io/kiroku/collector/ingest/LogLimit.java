package io.kiroku.collector.ingest;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Keeps what comes from outside from filling the log: so many sentences at once, then one for each interval that has
 * passed; what is left out is counted in the next one. Used by any thread.
 */
final class LogLimit {
    static final int AT_ONCE = 50;
    static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Logger log;
    private final LongSupplier nanoTime;
    private long spentUntil;
    private long leftOut;

    LogLimit(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.spentUntil = nanoTime.getAsLong() - AT_ONCE * INTERVAL_NANOS;
    }

    /** Logs the sentence, to which the full stop is added, unless too many have been. */
    void info(String sentence) {
        long before;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            spentUntil = Math.max(spentUntil, now - AT_ONCE * INTERVAL_NANOS);
            if (spentUntil + INTERVAL_NANOS > now) {
                leftOut++;
                return;
            }
            spentUntil += INTERVAL_NANOS;
            before = leftOut;
            leftOut = 0;
        }
        if (before > 0) {
            log.info("{} more sentences of this kind were left out.", before);
        }
        log.info("{}.", sentence);
    }
}
