package io.kiroku.collector.ingest;

import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.collector.store.StreamEnd;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: many segments, one sync, one checkpoint of the log, then their streams are told. For one thread. Streams are told what the store
 * says of them, not what was asked of it: a commit that fails may have stored a part.
 */
public final class Committer {
    private final Store store;
    private final TransparencyLog log;
    private volatile @Nullable String trouble;

    public Committer(Store store, TransparencyLog log) {
        this.store = store;
        this.log = log;
    }

    /** Why the last commit failed; null if it did not. */
    public @Nullable String trouble() {
        return trouble;
    }

    /** Stores what is still wanted of the batch, in its order, and tells the streams what came of it. */
    public void commit(List<Accepted> batch) {
        Set<StreamHead> streams = new LinkedHashSet<>();
        try {
            // What was stored before and is not in the log yet: nothing is added while it does not get there.
            publish();
            for (Accepted accepted : batch) {
                if (accepted.stillWanted()) {
                    streams.add(accepted.stream());
                    store.append(accepted.segment());
                }
            }
            store.sync();
            publish();
        } catch (StoreUnavailableException unavailable) {
            // Those too that had no turn: what follows on their segments must not be stored without them.
            batch.stream().filter(Accepted::stillWanted).map(Accepted::stream).forEach(streams::add);
            String sentence = String.valueOf(unavailable.getMessage());
            trouble = sentence;
            streams.forEach(stream -> stream.failed(store.end(stream.stream()), sentence));
            return;
        }
        trouble = null;
        for (StreamHead stream : streams) {
            StreamEnd end = store.end(stream.stream());
            if (end == null) {
                throw new IllegalStateException("a stream was stored, and the store has no end of it");
            }
            stream.stored(end);
        }
    }

    private void publish() throws StoreUnavailableException {
        for (Store.Stored stored : store.takeStored()) {
            log.add(stored.number(), stored.header());
        }
        try {
            log.publish();
        } catch (IOException failure) {
            throw new StoreUnavailableException(failure);
        }
    }
}
