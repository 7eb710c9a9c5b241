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
            head = stored.chainHead();
            problems +=
                    files.apply(entriesOf(stored), stored.header().restates()).size();
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
