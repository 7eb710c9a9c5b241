package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.verify.Location;

/**
 * Where a segment lies in the store.
 *
 * @param volume number of the volume, from 1
 * @param offset of the segment's first byte in the volume's file
 * @param length of the segment in bytes
 */
public record Place(int volume, long offset, int length) {
    /** The same, as verification names it. */
    public Location location() {
        return new Location(StoreFiles.VOLUMES + StoreFiles.volumeName(volume), offset, length);
    }

    /** Where its record begins: at the frame before the segment. */
    long recordAt() {
        return offset - RecordFrame.LENGTH;
    }

    /** The offset behind its record, where the next one begins. */
    long end() {
        return offset + length;
    }

    boolean liesWithin(long from, long to) {
        return recordAt() >= from && end() <= to;
    }
}
