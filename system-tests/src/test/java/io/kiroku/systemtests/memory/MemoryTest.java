package io.kiroku.systemtests.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@link SimulatedDay}: few pods at a time, short lives, and so many in all. */
final class MemoryTest {
    /** So many that the least of each quarter finds the log with few entries in the bundle that is not full. */
    private static final int SAMPLES = 36;

    private static final int PODS = 20;

    /**
     * What may be left in the heap of a pod that is gone. A number in a set for each of its files takes more; the
     * noise is some ten thousand bytes, for more than a thousand pods.
     */
    private static final double MOST_BYTES = 45;

    @TempDir
    Path directory;

    @Test
    void nothingGrowsWithThePodsThatEverWere() throws Exception {
        List<Trend.Sample> samples = new ArrayList<>();
        try (Day day = new Day(directory, 1, PODS, Duration.ofMinutes(1))) {
            for (int i = 0; i < SAMPLES; i++) {
                day.pass(Duration.ofHours(2).dividedBy(SAMPLES));
                day.empty();
                assertThat(day.agent().standing().openFiles())
                        .as("files followed")
                        .isZero();
                samples.add(new Trend.Sample(day.pods().made(), Heap.measure()));
            }
            assertThat(day.collector().counts().segments())
                    .as("segments stored")
                    .isGreaterThan(1000);
        }
        Trend trend = new Trend(samples);
        System.out.printf("memory: %.1f bytes for each pod, %s%n", trend.bytesPerPod(), samples);
        assertThat(samples.getLast().pods()).as("pods").isGreaterThan(2000);
        assertThat(trend.bytesPerPod())
                .as("bytes of heap for each pod that came and went, of %s", samples)
                .isLessThan(MOST_BYTES);
        assertThat(trend.directGrowth()).as("growth of direct memory").isLessThan(0.1);
    }
}
