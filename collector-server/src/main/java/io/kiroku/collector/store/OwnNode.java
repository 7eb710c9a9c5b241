package io.kiroku.collector.store;

import io.kiroku.evidence.bundle.Pieces;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import java.util.List;

/**
 * The name of the node that the collector's own streams give: no node has it, because a node's name is a DNS subdomain name
 * (RFC 1123), in which there is no {@code @}. Agents are refused every name that begins like it.
 */
public final class OwnNode {
    /** As a stream of the collector's own states it. */
    public static final String NAME = Pieces.NODE;

    /** The source of the stream that says who did what to the evidence. */
    public static final FilePath CUSTODY = Pieces.CUSTODY;

    private static final String MARK = "@";

    private OwnNode() {}

    /** Whether a segment is of a stream of the collector's own: each of them says so. */
    public static boolean states(List<Entry> manifest) {
        return !manifest.isEmpty()
                && manifest.getFirst() instanceof Entry.Epoch epoch
                && epoch.node().equals(NAME);
    }

    /** Whether no agent may have that name. */
    public static boolean isReserved(String node) {
        return node.startsWith(MARK);
    }
}
