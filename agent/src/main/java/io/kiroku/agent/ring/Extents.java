package io.kiroku.agent.ring;

import java.io.IOException;
import java.util.List;

/** Which segments each extent of a ring holds. Guarded by the ring's lock. */
final class Extents {
    private final long[] firstOf;
    private final long[] lastOf;

    Extents(int number, List<RingScan.Extent> found) {
        firstOf = new long[number];
        lastOf = new long[number];
        for (RingScan.Extent extent : found) {
            firstOf[extent.index()] = extent.first();
            lastOf[extent.index()] = extent.last();
        }
    }

    /** The first segment in the extent, 0 if it holds none. */
    long first(int extent) {
        return firstOf[extent];
    }

    /** The last segment in the extent, 0 if it holds none. */
    long last(int extent) {
        return lastOf[extent];
    }

    void append(int extent, long sequence) {
        if (firstOf[extent] == 0) {
            firstOf[extent] = sequence;
        }
        lastOf[extent] = sequence;
    }

    void clear(int extent) {
        firstOf[extent] = 0;
        lastOf[extent] = 0;
    }

    /** How many hold something. */
    int used() {
        int used = 0;
        for (long first : firstOf) {
            used += first == 0 ? 0 : 1;
        }
        return used;
    }

    /** The lowest sequence, 0 if there is none. */
    long oldest() {
        long oldest = 0;
        for (long first : firstOf) {
            oldest = first != 0 && (oldest == 0 || first < oldest) ? first : oldest;
        }
        return oldest;
    }

    /** The extent that holds the segment. */
    int holding(long sequence) throws IOException {
        for (int i = 0; i < firstOf.length; i++) {
            if (firstOf[i] != 0 && firstOf[i] <= sequence && sequence <= lastOf[i]) {
                return i;
            }
        }
        throw new IOException("segment " + sequence + " is not in the ring any more");
    }
}
