package io.kiroku.agent.seal;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the collector's wall clock, by the messages of the connection: the answer to a message says what time it
 * was at the collector between the sending and the answer's arrival (F. Cristian, "Probabilistic clock synchronization",
 * 1989). Who ships measures, who seals states it; one thread each.
 *
 * <p>It is held against the node's boot-time clock, which nobody can set: a step of the node's wall clock makes no
 * measurement wrong, and shows at once.
 */
public final class CollectorClock {
    /**
     * By so much two clocks may drift apart, in parts of a million: the most that NTP corrects (RFC 5905, appendix
     * A.5.5.6, MAXFREQ).
     */
    private static final long DRIFT_PPM = 500;

    private static final long MILLION = 1_000_000;

    /**
     * One measurement.
     *
     * @param collector the key of its receipts
     * @param least by how many nanoseconds at least its wall clock was ahead of the node's boot-time clock
     * @param most by how many at most
     * @param bootNanos when, on the boot-time clock
     * @param connection the number of the connection, from 1
     */
    record Reading(Octets collector, long least, long most, long bootNanos, long connection) {
        /** The uncertainty, half of the range, with what the clocks may have drifted since. */
        private long uncertainty(long now) {
            long age = Math.max(0, now - bootNanos);
            return (most - least + 1) / 2 + age / MILLION * DRIFT_PPM;
        }

        private long middle() {
            return least + (most - least) / 2;
        }
    }

    private volatile @Nullable Reading reading;

    /** The collector has answered a greeting. What was measured on another connection does not count any more. */
    public void greeted(Octets collector, long collectorWallNanos, long sentBootNanos, long bootNanos) {
        Reading last = reading;
        long connection = last == null ? 1 : last.connection() + 1;
        take(collector, collectorWallNanos, sentBootNanos, bootNanos, connection);
    }

    /**
     * A receipt has come. It counts if it says it more exactly than what is known, or contradicts that: then one of the
     * clocks was set.
     */
    public void acknowledged(long collectorWallNanos, long sentBootNanos, long bootNanos) {
        Reading known = reading;
        if (known == null) {
            return;
        }
        long least = collectorWallNanos - bootNanos;
        long most = collectorWallNanos - sentBootNanos;
        long uncertainty = known.uncertainty(bootNanos);
        boolean contradicts = least > known.middle() + uncertainty || most < known.middle() - uncertainty;
        if (contradicts || (most - least + 1) / 2 <= uncertainty) {
            take(known.collector(), collectorWallNanos, sentBootNanos, bootNanos, known.connection());
        }
    }

    private void take(Octets collector, long wallNanos, long sentBootNanos, long bootNanos, long connection) {
        // A clock before 1970 or after 2079 is not heard: so sums and differences of times do not overflow.
        if (isSane(wallNanos) && sentBootNanos <= bootNanos) {
            reading = new Reading(collector, wallNanos - bootNanos, wallNanos - sentBootNanos, bootNanos, connection);
        }
    }

    private static boolean isSane(long wallNanos) {
        return wallNanos >= 0 && wallNanos <= Entry.Clock.MOST / 4 * 3;
    }

    @Nullable
    Reading reading() {
        return reading;
    }

    /** What is known of the node's wall clock by this at a moment; empty before the first connection. */
    public Optional<Entry.Clock> at(Timestamp now) {
        Reading known = reading;
        return known == null ? Optional.empty() : statement(known, now);
    }

    static Optional<Entry.Clock> statement(Reading known, Timestamp now) {
        if (!isSane(now.wallNanos())) {
            return Optional.empty();
        }
        long wallAtBoot = now.wallNanos() - now.bootNanos();
        return Optional.of(new Entry.Clock(
                known.middle() - wallAtBoot,
                known.uncertainty(now.bootNanos()),
                wallAtBoot + known.bootNanos(),
                known.collector()));
    }
}
