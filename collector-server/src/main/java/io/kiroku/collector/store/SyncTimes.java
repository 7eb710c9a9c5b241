package io.kiroku.collector.store;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How long the syncs took, as a histogram. Written by one thread, read by any. */
public final class SyncTimes {
    /** Upper bounds of the buckets in seconds; one more bucket has none. */
    public static final List<Double> BOUNDS = List.of(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0);

    private final List<LongAdder> buckets =
            Stream.generate(LongAdder::new).limit(BOUNDS.size() + 1L).toList();
    private final LongAdder nanos = new LongAdder();

    void took(long elapsedNanos) {
        double seconds = elapsedNanos / (double) TimeUnit.SECONDS.toNanos(1);
        int bucket = 0;
        while (bucket < BOUNDS.size() && seconds > BOUNDS.get(bucket)) {
            bucket++;
        }
        buckets.get(bucket).increment();
        nanos.add(elapsedNanos);
    }

    /** How many syncs took longer than the bound before, and at most the bound, of each bucket. */
    public List<Long> counts() {
        return buckets.stream().map(LongAdder::sum).toList();
    }

    public double totalSeconds() {
        return nanos.sum() / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
