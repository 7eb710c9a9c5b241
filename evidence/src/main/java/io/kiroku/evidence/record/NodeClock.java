package io.kiroku.evidence.record;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the segments of one stream say of their node's clock, in the order in which they are added. For one thread. */
public final class NodeClock {
    /** So many steps are kept; the rest is counted. */
    public static final int MOST_STEPS = 20;

    /**
     * What was said so far.
     *
     * @param measurements how often the clock was held against a collector's
     * @param last the last measurement; null if there is none
     * @param farthest the one by which the clock was off most, beyond its uncertainty; null if there is none
     * @param steps how often the wall clock moved against the boot-time clock while an agent ran
     * @param firstSteps the first of these events, {@link #MOST_STEPS} at most
     */
    public record Standing(
            long measurements,
            @Nullable Stated last,
            @Nullable Stated farthest,
            long steps,
            List<Step> firstSteps) {
        /** Of a stream that says nothing of it. */
        public static final Standing UNKNOWN = new Standing(0, null, null, 0, List.of());

        public Standing {
            firstSteps = List.copyOf(firstSteps);
        }

        /** Whether anything is said. */
        public boolean isKnown() {
            return measurements > 0 || steps > 0;
        }
    }

    /** A measurement, and the sequence of the segment that states it. */
    public record Stated(long sequence, Entry.Clock clock) {}

    /**
     * A step.
     *
     * @param sequence of the segment that states it
     * @param wallNanos when it was noticed, in nanoseconds since the Unix epoch, by the clock after the step
     * @param detail by how much, for people
     */
    public record Step(long sequence, long wallNanos, String detail) {}

    private long measurements;
    private @Nullable Stated last;
    private @Nullable Stated farthest;
    private long steps;
    private final List<Step> firstSteps = new ArrayList<>();

    /** Takes what a segment says. */
    public void add(long sequence, List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry instanceof Entry.Clock clock) {
                Stated stated = new Stated(sequence, clock);
                measurements++;
                last = stated;
                if (farthest == null || excess(clock) > excess(farthest.clock())) {
                    farthest = stated;
                }
            } else if (entry instanceof Entry.Event event && event.kind() == Entry.EventKind.CLOCK_STEPPED) {
                if (steps++ < MOST_STEPS) {
                    firstSteps.add(new Step(sequence, event.wallNanos(), event.detail()));
                }
            }
        }
    }

    private static long excess(Entry.Clock clock) {
        return Math.abs(clock.offsetNanos()) - clock.uncertaintyNanos();
    }

    /** What was said so far. */
    public Standing standing() {
        return measurements == 0 && steps == 0
                ? Standing.UNKNOWN
                : new Standing(measurements, last, farthest, steps, firstSteps);
    }
}
