package io.kiroku.systemtests.memory;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * Memory of this JVM that is in use.
 *
 * @param liveBytes of objects that can be reached
 * @param directBytes of buffers outside the heap
 */
record Heap(long liveBytes, long directBytes) {
    /**
     * Of the serial collector's full collections, three in a row may leave some dead objects where they are, for the sake
     * of time; the fourth leaves none (-XX:MarkSweepAlwaysCompactCount).
     */
    private static final int COLLECTIONS = 4;

    /** Buffers that no object refers to are freed by a thread of its own, some time after a collection. */
    private static final long FREED_AFTER_MILLIS = 5;

    /** Collects garbage until nothing of it is left, then looks. Exact with -XX:+UseSerialGC. */
    static Heap measure() throws InterruptedException {
        long live = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            live = Math.min(
                    live,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            TimeUnit.MILLISECONDS.sleep(FREED_AFTER_MILLIS);
        }
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new Heap(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct);
    }
}
