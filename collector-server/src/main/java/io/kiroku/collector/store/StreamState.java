package io.kiroku.collector.store;

import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the store holds of one stream: where its chain ends, and what it has said of its files. */
final class StreamState {
    private final FileTable files;
    private final LostSegments lost = new LostSegments();
    private volatile @Nullable StreamEnd end;
    private String node = "";
    private Lineage lineage = Lineage.UNKNOWN;
    private long problems;

    StreamState(Catalogued first) {
        files = first.header().sequence() == 1 ? FileTable.fromTheStart() : new FileTable();
    }

    /** The end of the chain on stable storage, null before the first segment. */
    @Nullable
    StreamEnd end() {
        return end;
    }

    /** Contradictions in what the stream says of its files, so far. */
    long problems() {
        return problems;
    }

    /**
     * The files that the stream's last segment left open, as a segment that restates would declare them. While nobody writes
     * the stream.
     */
    List<Entry.File> followed() {
        if (end == null) {
            return List.of();
        }
        return files.followed().values().stream()
                .map(file -> new Entry.File(
                        file.id(), file.source(), file.path(), file.identity(), file.offset(), file.fingerprint()))
                .toList();
    }

    /** Takes in the stream's next stored segment. */
    void apply(Catalogued stored) {
        StreamEnd before = end;
        long expected = before == null ? 1 : before.head().sequence() + 1;
        long sequence = stored.header().sequence();
        if (sequence < expected) {
            return;
        }
        List<Entry> entries = entriesOf(stored);
        boolean restates = stored.header().restates();
        if (sequence > expected) {
            // Whether the missing segments are accounted for is known later, and for verification to say.
            lost.missing(expected, sequence - 1, files, entries, restates);
        }
        problems += files.apply(entries, restates).size();
        lost.declare(sequence, entries);
        Entry.Epoch.in(entries).ifPresent(epoch -> {
            node = epoch.node();
            lineage = Lineage.of(epoch);
        });
        end = new StreamEnd(
                stored.chainHead(),
                stored.number(),
                node,
                lineage,
                files.lowestNew(),
                lost.undeclared(Frame.Head.MOST_UNDECLARED));
    }

    /** A manifest that cannot be read is for verification to name; the chain goes on behind it. */
    private static List<Entry> entriesOf(Catalogued stored) {
        try {
            return stored.entries();
        } catch (MalformedException damaged) {
            return List.of();
        }
    }
}
