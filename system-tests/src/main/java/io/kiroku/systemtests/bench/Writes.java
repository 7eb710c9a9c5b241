package io.kiroku.systemtests.bench;

import java.util.Arrays;

/**
 * Every write of a load: to which file, where the file ended afterwards, and when it began. For use by one thread at a
 * time.
 */
final class Writes {
    private int[] files = new int[1 << 16];
    private long[] ends = new long[1 << 16];
    private long[] nanos = new long[1 << 16];
    private int count;

    void add(int file, long end, long at) {
        if (count == files.length) {
            files = Arrays.copyOf(files, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        files[count] = file;
        ends[count] = end;
        nanos[count] = at;
        count++;
    }

    /** Their number; each is known by its own, from 0. */
    int count() {
        return count;
    }

    int file(int write) {
        return files[write];
    }

    /** Length of the file after the write. */
    long end(int write) {
        return ends[write];
    }

    /** {@link System#nanoTime} just before the write. */
    long nanos(int write) {
        return nanos[write];
    }

    /** When what was written had arrived. */
    interface Arrival {
        /** {@link System#nanoTime} then. */
        long nanos(int write);
    }

    /** Nanoseconds from each write that began within the time until it had arrived. */
    long[] latencies(long from, long to, Arrival arrival) {
        long[] latencies = new long[count];
        int found = 0;
        for (int write = 0; write < count; write++) {
            if (nanos[write] - from >= 0 && nanos[write] - to < 0) {
                latencies[found++] = arrival.nanos(write) - nanos[write];
            }
        }
        return Arrays.copyOf(latencies, found);
    }
}
