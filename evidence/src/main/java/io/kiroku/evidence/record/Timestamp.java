package io.kiroku.evidence.record;

import java.time.Instant;

/**
 * One moment on both clocks of a node.
 *
 * @param wallNanos nanoseconds since 1970-01-01T00:00:00Z, as the node believed (CLOCK_REALTIME); may step
 * @param bootNanos nanoseconds since the node booted, suspension included (CLOCK_BOOTTIME); never steps
 */
public record Timestamp(long wallNanos, long bootNanos) {
    /** A time on the wall clock, nanoseconds since 1970-01-01T00:00:00Z. */
    public static Instant instant(long wallNanos) {
        return Instant.ofEpochSecond(0, wallNanos);
    }

    /** What the wall clock said. */
    public Instant wall() {
        return instant(wallNanos);
    }
}
