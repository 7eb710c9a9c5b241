package io.kiroku.systemtests.memory;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Memory at the ends of equal times. What is compared is the last quarter with the second: in the first, classes are loaded,
 * caches are filled and buffers take their size.
 */
record Trend(List<Sample> samples) {
    /**
     * What was found at a moment.
     *
     * @param pods that there ever were
     */
    record Sample(long pods, Heap heap) {}

    Trend {
        if (samples.size() < 4) {
            throw new IllegalArgumentException("a trend wants at least 4 samples, not " + samples.size());
        }
    }

    private Stream<Sample> quarter(int quarter) {
        int length = samples.size() / 4;
        return samples.subList(quarter * length, (quarter + 1) * length).stream();
    }

    private double mean(int quarter, ToLongFunction<Sample> of) {
        return quarter(quarter).mapToLong(of).average().orElseThrow();
    }

    /** By how much the live heap has grown, as a part of what it was. */
    double growth() {
        return mean(3, Trend::live) / mean(1, Trend::live) - 1;
    }

    /** The same of buffers outside the heap. */
    double directGrowth() {
        return mean(3, sample -> sample.heap().directBytes())
                        / mean(1, sample -> sample.heap().directBytes())
                - 1;
    }

    /**
     * By how many bytes the live heap has grown for each pod that came meanwhile, judged by the least of each quarter: what
     * is there for a moment only, of whatever else the JVM does, is no growth.
     */
    double bytesPerPod() {
        return (least(3) - least(1)) / (mean(3, Sample::pods) - mean(1, Sample::pods));
    }

    private double least(int quarter) {
        return quarter(quarter).mapToLong(Trend::live).min().orElseThrow();
    }

    private static long live(Sample sample) {
        return sample.heap().liveBytes();
    }
}
