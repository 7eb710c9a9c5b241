package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.RecordFrame;
import java.io.IOException;

/** Which segments each extent of a ring holds, and where the next one goes. Guarded by the ring's lock. */
final class Extents {
    /** No extent. */
    static final int NONE = -1;

    private final RingLayout layout;
    private final long[] firstOf;
    private final long[] lastOf;
    private int current;
    private long writeAt;
    private int cleared = NONE;
    private long evicted;

    Extents(RingLayout layout, RingScan.Found found) {
        this.layout = layout;
        firstOf = new long[layout.extents()];
        lastOf = new long[layout.extents()];
        for (RingScan.Extent extent : found.extents()) {
            firstOf[extent.index()] = extent.first();
            lastOf[extent.index()] = extent.last();
        }
        RingScan.Extent newest = found.newest();
        // An empty ring stands at its end, so that its first segment begins an extent and restates like all such.
        current = newest == null ? layout.extents() - 1 : newest.index();
        writeAt = newest == null ? endOf(current) : newest.end();
    }

    private long endOf(int extent) {
        return layout.startOf(extent) + layout.extentLength();
    }

    /** The extent that is written to. */
    int current() {
        return current;
    }

    /** The extent that is written to after the current one: the oldest, once the ring has been filled. */
    int next() {
        return (current + 1) % layout.extents();
    }

    /** The offset in the file of the next record, if it fits the current extent. */
    long writeAt() {
        return writeAt;
    }

    /** Whether a segment of that length fits the current extent. */
    boolean fits(int segmentLength) {
        return writeAt + RecordFrame.LENGTH + segmentLength <= endOf(current);
    }

    /** Whether no old record can be read at the start of the next extent any more, not after a crash either. */
    boolean isNextCleared() {
        return cleared == next();
    }

    /** The extent's first record is gone from stable storage. That counts for the next one only. */
    void cleared(int extent) {
        if (extent == next()) {
            cleared = extent;
        }
    }

    void enterNext() {
        if (!isNextCleared()) {
            throw new IllegalStateException("extent " + next() + " holds segments that are not acknowledged");
        }
        current = next();
        writeAt = layout.startOf(current);
        cleared = NONE;
    }

    /** A segment of that length was written behind those of the current extent. */
    void appended(long sequence, int segmentLength) {
        if (firstOf[current] == 0) {
            firstOf[current] = sequence;
        }
        lastOf[current] = sequence;
        writeAt += RecordFrame.LENGTH + segmentLength;
    }

    /**
     * The oldest extent that is complete and whose segments are all acknowledged: nobody reads it again, unless the collector
     * loses its disk. Each is returned once; {@link #NONE} if there is none.
     */
    int takeEvictable(long acknowledged) {
        int oldest = NONE;
        for (int i = 0; i < lastOf.length; i++) {
            boolean isEvictable = i != current && lastOf[i] > evicted && lastOf[i] <= acknowledged;
            if (isEvictable && (oldest == NONE || lastOf[i] < lastOf[oldest])) {
                oldest = i;
            }
        }
        if (oldest != NONE) {
            evicted = lastOf[oldest];
        }
        return oldest;
    }

    /** The first segment in the extent, 0 if it holds none. */
    long first(int extent) {
        return firstOf[extent];
    }

    /** The last segment in the extent, 0 if it holds none. */
    long last(int extent) {
        return lastOf[extent];
    }

    /** The extent holds nothing that counts any more. */
    void forget(int extent) {
        firstOf[extent] = 0;
        lastOf[extent] = 0;
    }

    /** Bytes of the extents that hold something, without what is left of the current one. */
    long usedBytes() {
        long used = 0;
        for (long first : firstOf) {
            used += first == 0 ? 0 : layout.extentLength();
        }
        return used == 0 ? 0 : Math.max(0, used - (endOf(current) - writeAt));
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
