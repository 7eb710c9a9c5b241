package io.kiroku.agent.tail;

/**
 * When a growing file will be rotated. The kubelet looks at sizes every 10 s ({@code containerLogMonitorInterval}) and
 * rotates what has reached {@code containerLogMaxSize}, 10 MiB by default; the least size at which a file was seen renamed
 * corrects that downwards.
 */
final class RotationForecast {
    private static final long DEFAULT_SIZE = 10L << 20;

    /** Nobody rotates smaller files for their size. */
    private static final long LEAST_SIZE = 1L << 20;

    private static final long CHECK_SECONDS = 10;
    private static final double NANOS = 1e9;

    private long size = DEFAULT_SIZE;

    /** A file of that size has another name now. */
    void renamed(long atSize) {
        if (atSize >= LEAST_SIZE) {
            size = Math.min(size, atSize);
        }
    }

    /** Whether a file of that size may have been rotated by its size. */
    static boolean mayHaveBeenRotated(long fileSize) {
        return fileSize >= LEAST_SIZE;
    }

    /**
     * Whether a file is rotated before the kubelet's next look but one, if it goes on growing as it did.
     *
     * @param earlierSize its size {@code nanos} ago
     */
    boolean isNear(long fileSize, long earlierSize, long nanos) {
        double bytesPerSecond = nanos <= 0 ? 0 : Math.max(0, fileSize - earlierSize) / (nanos / NANOS);
        return fileSize + bytesPerSecond * CHECK_SECONDS >= size;
    }
}
