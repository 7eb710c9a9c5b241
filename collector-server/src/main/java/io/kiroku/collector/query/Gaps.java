package io.kiroku.collector.query;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every loss that the store knows of: what the streams declare, each loss once, and where a stream ended because its node
 * began another. Grows with the number of files and losses, not of segments. For use by one thread.
 */
public final class Gaps {
    private static final Comparator<LostBytes> ORDER = Comparator.comparing(LostBytes::noticed)
            .thenComparing(LostBytes::node)
            .thenComparing(loss -> String.valueOf(loss.path()))
            .thenComparingLong(LostBytes::from);

    /** What is known of one stream. */
    private static final class Stream {
        private final StreamLosses tracker = new StreamLosses();
        private final List<StreamLosses.Loss> losses = new ArrayList<>();
        private final long begun;
        private String node = "";
        private long lastStored;
        private long lastSequence;
        private long lastSealed;

        private Stream(long begun) {
            this.begun = begun;
        }

        /** Of the streams of one line there is one at a time: a node's, or a source's of the collector's own. */
        private String line() {
            return OwnNode.NAME.equals(node)
                    ? node
                            + tracker.files().followed().values().stream()
                                    .map(FileTable.Followed::source)
                                    .toList()
                    : node;
        }
    }

    private final Map<Octets, Stream> streams = new LinkedHashMap<>();
    private long stored;

    /** Takes in a stored segment; those of one stream in the order in which they are stored. */
    public void add(CatalogueEntry entry) {
        stored++;
        Stream stream = streams.computeIfAbsent(entry.header().stream(), _ -> new Stream(stored));
        stream.lastStored = stored;
        stream.lastSequence = entry.header().sequence();
        stream.lastSealed = entry.header().sealed().wallNanos();
        Entry.Epoch.in(entry.entries()).ifPresent(epoch -> stream.node = epoch.node());
        stream.losses.addAll(stream.tracker.add(entry));
    }

    /** The losses that are asked for, in the order in which they were noticed. */
    public List<LostBytes> list(GapRequest request) {
        List<LostBytes> list = new ArrayList<>();
        Map<String, Octets> newest = new HashMap<>();
        streams.forEach((id, stream) -> newest.put(stream.line(), id));
        streams.forEach((id, stream) -> {
            stream.losses.forEach(loss -> list.add(lost(id, stream, loss)));
            stream.tracker.open().forEach(loss -> list.add(lost(id, stream, loss)));
            Octets successor = newest.getOrDefault(stream.line(), id);
            Stream next = streams.getOrDefault(successor, stream);
            if (next.begun > stream.lastStored && !stream.node.isEmpty()) {
                list.add(end(id, stream, successor));
            }
        });
        list.removeIf(loss -> !request.includes(loss));
        list.sort(ORDER);
        return list;
    }

    private static LostBytes lost(Octets id, Stream stream, StreamLosses.Loss loss) {
        Entry.Gap gap = loss.gap();
        @Nullable FilePath path = loss.source();
        String why = gap.detail();
        if (path == null) {
            // Of a file that was never followed the agent has only told where it was.
            int colon = why.startsWith("/") ? why.indexOf(": ") : -1;
            if (colon > 0 && colon <= FilePath.MAX_LENGTH) {
                path = FilePath.of(why.substring(0, colon));
                why = why.substring(colon + 2);
            }
        }
        return new LostBytes(
                Sources.instant(gap.wallNanos()),
                stream.node,
                id,
                loss.sequence(),
                path,
                gap.from(),
                gap.to(),
                gap.cause().name(),
                why);
    }

    /** The node has lost its identity, or another node has its name. */
    private static LostBytes end(Octets id, Stream stream, Octets successor) {
        Instant last = Sources.instant(stream.lastSealed);
        return new LostBytes(
                last,
                stream.node,
                id,
                stream.lastSequence,
                null,
                0,
                Entry.UNKNOWN,
                LostBytes.ANOTHER_STREAM,
                "stream %s ended with segment %d, the node has stream %s now; what was sealed behind it and not sent is lost"
                        .formatted(id.brief(), stream.lastSequence, successor.brief()));
    }
}
