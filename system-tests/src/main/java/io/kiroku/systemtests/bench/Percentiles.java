package io.kiroku.systemtests.bench;

import java.util.Arrays;

/** What share of many values lies below which, by the nearest rank: each answer is a value that was measured. */
final class Percentiles {
    private final long[] sorted;

    /** @param values in any order; copied */
    Percentiles(long[] values) {
        this.sorted = values.clone();
        Arrays.sort(sorted);
    }

    int count() {
        return sorted.length;
    }

    /**
     * The least value that so many percent of all do not exceed.
     *
     * @param percent above 0, at most 100
     * @throws IllegalStateException if there are no values
     */
    long at(double percent) {
        if (sorted.length == 0) {
            throw new IllegalStateException("there are no values");
        }
        // Scaled, as 99.9 % of 1,000 is a little more than 999 in binary fractions.
        long rank = (long) Math.ceil(Math.round(percent * 1000) * (double) sorted.length / 100_000);
        return sorted[Math.clamp(rank, 1, sorted.length) - 1];
    }
}
