package io.kiroku.cli.demo;

import java.time.Duration;

/**
 * How a kubelet rotates.
 *
 * @param maxBytes a live file that is at least so long is rotated (the kubelet's {@code containerLogMaxSize})
 * @param maxFiles files of a container instance, live one included, at least 2 ({@code containerLogMaxFiles})
 * @param checkEvery how often sizes are looked at ({@code containerLogMonitorInterval}); zero: as soon as one is reached
 * @param reopenGap how long the container writes on to the renamed file before the runtime has reopened
 */
public record Rotation(long maxBytes, int maxFiles, Duration checkEvery, Duration reopenGap) {
    /** The kubelet's defaults. */
    public static final Rotation KUBELET = new Rotation(10L << 20, 5, Duration.ofSeconds(10), Duration.ofMillis(2));

    /** Files are never rotated. */
    public static final Rotation NONE = new Rotation(Long.MAX_VALUE, 2, Duration.ZERO, Duration.ZERO);

    public Rotation {
        if (maxBytes < 1 || maxFiles < 2 || checkEvery.isNegative() || reopenGap.isNegative()) {
            throw new IllegalArgumentException("expected at least 1 byte, 2 files and no negative time");
        }
    }

    /** At once when a file has so many bytes. */
    public static Rotation atOnce(long maxBytes, Duration reopenGap) {
        return new Rotation(maxBytes, KUBELET.maxFiles, Duration.ZERO, reopenGap);
    }
}
