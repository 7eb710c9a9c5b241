package io.kiroku.collector.store;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.MalformedException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the store holds of one stream: where its chain ends, and what it has said of its files. */
final class StreamState {
    private final FileTable files;
    private volatile @Nullable ChainHead head;
    private long problems;

    StreamState(Catalogued first) {
        files = first.header().sequence() == 1 ? FileTable.fromTheStart() : new FileTable();
    }

    /** The end of the chain on stable storage, null before the first segment. */
    @Nullable
    ChainHead head() {
        return head;
    }

    /** Contradictions in what the stream says of its files, so far. */
    long problems() {
        return problems;
    }

    /** Takes in the stream's next stored segment. */
    void apply(Catalogued stored) {
        ChainHead before = head;
        if (before == null || stored.header().sequence() > before.sequence()) {
            boolean restates = stored.header().restates();
            boolean behindMissing = before != null && stored.header().sequence() > before.sequence() + 1;
            head = stored.chainHead();
            List<Entry> entries = entriesOf(stored);
            if (behindMissing && restates) {
                // Whether the missing segments are accounted for is known later, and for verification to say.
                files.rejoin(entries);
            }
            problems += files.apply(entries, restates).size();
        }
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
