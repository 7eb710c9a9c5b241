package io.kiroku.agent.seal;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Timestamp;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When the chain says how the node's clock stands: after each connection, when the offset has moved or is known much more
 * exactly, and once an hour. For the thread that seals.
 */
final class ClockStatements {
    /** The offset has moved if it differs by more than both uncertainties and so much, in nanoseconds. */
    static final long MOVED = 50_000_000L;

    static final long HOUR = 3600_000_000_000L;

    private final CollectorClock clock;
    private CollectorClock.@Nullable Reading statedOf;
    private Entry.@Nullable Clock stated;
    private long statedAt;

    ClockStatements(CollectorClock clock) {
        this.clock = clock;
    }

    /**
     * What is to be stated in the segment that is sealed now.
     *
     * @param always whether it is stated even if it was before: the segment restates
     */
    Optional<Statement> due(Timestamp now, boolean always) {
        CollectorClock.Reading reading = clock.reading();
        if (reading == null) {
            return Optional.empty();
        }
        return CollectorClock.statement(reading, now)
                .filter(entry -> always || isDue(reading, entry, now.bootNanos()))
                .map(entry -> new Statement(reading, entry, now.bootNanos()));
    }

    private boolean isDue(CollectorClock.Reading reading, Entry.Clock entry, long bootNanos) {
        CollectorClock.Reading before = statedOf;
        Entry.Clock last = stated;
        if (before == null || last == null || before.connection() != reading.connection()) {
            return true;
        }
        long moved = Math.abs(entry.offsetNanos() - last.offsetNanos());
        boolean hasMoved = moved > MOVED + entry.uncertaintyNanos() + last.uncertaintyNanos();
        boolean isNarrower = last.uncertaintyNanos() > MOVED && entry.uncertaintyNanos() <= last.uncertaintyNanos() / 2;
        boolean isOld = bootNanos - statedAt >= HOUR && reading.bootNanos() > before.bootNanos();
        return hasMoved || isNarrower || isOld;
    }

    /** The segment with it was kept. */
    void stated(Statement statement) {
        statedOf = statement.reading();
        stated = statement.entry();
        statedAt = statement.bootNanos();
    }

    /** What may be stated, until the segment is kept. */
    record Statement(CollectorClock.Reading reading, Entry.Clock entry, long bootNanos) {}
}
