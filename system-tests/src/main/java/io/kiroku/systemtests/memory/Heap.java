package io.kiroku.systemtests.memory;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * Memory of this JVM that is in use.
 *
 * @param liveBytes of objects that can be reached
 * @param directBytes of buffers outside the heap
 */
record Heap(long liveBytes, long directBytes) {
    /** Collects garbage, then looks. Exact with a collector that stops the world, such as -XX:+UseSerialGC. */
    static Heap measure() {
        // Once for the objects; once more for what was kept alive by references that the first one cleared.
        System.gc();
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new Heap(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct);
    }
}
