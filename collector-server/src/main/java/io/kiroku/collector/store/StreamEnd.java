package io.kiroku.collector.store;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.LostSegments;
import java.util.List;

/**
 * Where the store's copy of a stream ends, and what it lacks of it.
 *
 * @param head the last segment on stable storage
 * @param number of its record in the store, from 1
 * @param node the name of the node, as its agent last gave it; empty if it did not
 * @param lineage whose the stream was and is, as far as it has said
 * @param nextFile the lowest file id that the stream has not used
 * @param undeclared the first of the segments before it that are missing, and that none declares lost
 */
public record StreamEnd(
        ChainHead head, long number, String node, Lineage lineage, int nextFile, List<LostSegments.Range> undeclared) {
    /** Where the log has the header of its last segment, from 0: records are its entries, one for one. */
    public long index() {
        return number - 1;
    }
}
