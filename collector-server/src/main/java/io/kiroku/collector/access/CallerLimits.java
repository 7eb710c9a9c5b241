package io.kiroku.collector.access;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How much one caller may ask: so many requests at once, so many a minute. What is remembered is bounded. For use by many threads.
 */
final class CallerLimits {
    static final int AT_ONCE = 6;
    static final int PER_MINUTE = 600;

    /** The API servers of a cluster are one caller. Each sends up to ten times a second, and what it cannot send it drops. */
    static final int SENDING_AT_ONCE = 64;

    static final int SENDING_PER_MINUTE = 12_000;

    private static final int MOST_CALLERS = 10_000;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /** What one caller uses. */
    private static final class Usage {
        private int open;
        private int begun;
        private long since;
    }

    private final int atOnce;
    private final int perMinute;
    private final LongSupplier nanoTime;
    private final Map<String, Usage> usages = new HashMap<>();

    CallerLimits(int atOnce, int perMinute, LongSupplier nanoTime) {
        this.atOnce = atOnce;
        this.perMinute = perMinute;
        this.nanoTime = nanoTime;
    }

    /** Takes a place, which is to be given back. A sentence if there is none. */
    Optional<String> take(String caller) {
        synchronized (usages) {
            long now = nanoTime.getAsLong();
            if (usages.size() >= MOST_CALLERS && !usages.containsKey(caller)) {
                usages.values().removeIf(usage -> usage.open == 0 && now - usage.since >= MINUTE);
                if (usages.size() >= MOST_CALLERS) {
                    return Optional.of("the collector knows as many callers as it can: try again in a minute");
                }
            }
            Usage usage = usages.computeIfAbsent(caller, _ -> new Usage());
            if (usage.begun == 0 || now - usage.since >= MINUTE) {
                usage.since = now;
                usage.begun = 0;
            }
            if (usage.open >= atOnce) {
                return Optional.of(
                        "%d of your requests are being answered, which is as many as may be at once: try again later"
                                .formatted(usage.open));
            }
            if (usage.begun >= perMinute) {
                return Optional.of(
                        "you have made %d requests within a minute, which is as many as may be: try again later"
                                .formatted(usage.begun));
            }
            usage.open++;
            usage.begun++;
            return Optional.empty();
        }
    }

    /** Gives a place back. */
    void release(String caller) {
        synchronized (usages) {
            Usage usage = usages.get(caller);
            if (usage != null) {
                usage.open--;
            }
        }
    }
}
