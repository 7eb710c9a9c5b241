package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.util.List;

/**
 * What one more entry did to a tree.
 *
 * @param edge the tree with the entry
 * @param complete the nodes over which nothing can change any more since then, from the leaf upwards: levels 0, 1, 2 and
 *     so on
 */
public record Growth(RightEdge edge, List<Node> complete) {
    public Growth {
        complete = List.copyOf(complete);
    }

    /**
     * The root of the 2^level entries from {@code index} · 2^level on.
     *
     * @param level 0 for a leaf
     */
    public record Node(int level, long index, Octets hash) {}
}
