package io.kiroku.agent.simulation;

import java.util.List;
import java.util.stream.LongStream;

/**
 * Runs a property over many seeds. What fails names its seed, and {@code -Dkiroku.seed=N} runs that one alone;
 * {@code -Dkiroku.seeds=N} runs so many.
 */
public final class Seeds {
    /** Something that must hold, whatever the seed. */
    public interface Property {
        void holds(long seed) throws Exception;
    }

    private Seeds() {}

    public static void each(int usual, Property property) {
        Long only = Long.getLong("kiroku.seed");
        long count = Long.getLong("kiroku.seeds", usual);
        List<Long> seeds = only != null
                ? List.of(only)
                : LongStream.rangeClosed(1, count).boxed().toList();
        for (long seed : seeds) {
            try {
                property.holds(seed);
            } catch (Exception | AssertionError failed) {
                throw new AssertionError("seed " + seed + ": " + failed, failed);
            }
        }
    }
}
