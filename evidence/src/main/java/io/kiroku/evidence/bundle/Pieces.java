package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the further stretches of a stream begin that is in a bundle in pieces. Only a custody log may be: each of its segments
 * says whose it is and where its lines lie, so each piece verifies by itself, and what is between two of them concerns other
 * evidence. A hole in any other stream stays what it is, whatever a manifest says.
 */
public final class Pieces {
    /** The node that a collector's own streams name, which no node can be called. */
    public static final String NODE = "@collector";

    /** The source of a custody log. */
    public static final FilePath CUSTODY = FilePath.of("/kiroku/custody");

    private final Map<Octets, Set<Long>> further = new HashMap<>();

    /** @param stretches as a manifest lists them */
    Pieces(List<BundleManifest.Stretch> stretches) {
        for (int i = 1; i < stretches.size(); i++) {
            BundleManifest.Stretch one = stretches.get(i);
            if (one.stream().equals(stretches.get(i - 1).stream())) {
                further.computeIfAbsent(one.stream(), _ -> new HashSet<>()).add(one.first());
            }
        }
    }

    /** Whether a piece begins with this segment, and what is before it was not selected. */
    boolean begins(Segment segment, List<Entry> entries) {
        SegmentHeader header = segment.header();
        return further.getOrDefault(header.stream(), Set.of()).contains(header.sequence())
                && header.restates()
                && isCustody(entries);
    }

    /** Whether a segment is of a custody log, by what it says itself. */
    public static boolean isCustody(List<Entry> entries) {
        return !entries.isEmpty()
                && entries.getFirst() instanceof Entry.Epoch epoch
                && epoch.node().equals(NODE)
                && entries.stream().anyMatch(Entry.File.class::isInstance)
                && entries.stream()
                        .allMatch(entry -> !(entry instanceof Entry.File file)
                                || file.source().equals(CUSTODY));
    }
}
