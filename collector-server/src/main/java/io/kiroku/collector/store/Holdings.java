package io.kiroku.collector.store;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is on stable storage: the streams' ends and the sums. Written by the thread that stores, read by any. */
final class Holdings {
    private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);

    final AtomicLong volumes = new AtomicLong();
    final AtomicLong tornTails = new AtomicLong();
    final AtomicLong damaged = new AtomicLong();

    private final Map<Octets, StreamState> streams = new ConcurrentHashMap<>();
    private final AtomicLong segments = new AtomicLong();
    private final AtomicLong storedBytes = new AtomicLong();
    private final AtomicLong rawBytes = new AtomicLong();
    private final AtomicLong contradictions = new AtomicLong();

    /** Takes in a stored segment, in the order of the records. */
    void add(Catalogued stored) {
        segments.incrementAndGet();
        storedBytes.addAndGet(stored.place().length());
        rawBytes.addAndGet(stored.header().rawLength());
        StreamState stream = streams.computeIfAbsent(stored.header().stream(), id -> new StreamState(stored));
        long before = stream.problems();
        stream.apply(stored);
        if (stream.problems() > before) {
            contradictions.addAndGet(stream.problems() - before);
            LOG.warn(
                    "Stream {} contradicts in segment {} what it has said of its files; verification says how.",
                    stored.header().stream().brief(),
                    stored.header().sequence());
        }
    }

    @Nullable
    StreamEnd end(Octets stream) {
        StreamState state = streams.get(stream);
        return state == null ? null : state.end();
    }

    List<Entry.File> followed(Octets stream) {
        StreamState state = streams.get(stream);
        return state == null ? List.of() : state.followed();
    }

    List<StreamEnd> ends() {
        List<StreamEnd> ends = new ArrayList<>();
        for (StreamState stream : streams.values()) {
            StreamEnd end = stream.end();
            if (end != null) {
                ends.add(end);
            }
        }
        return ends;
    }

    StoreCounts counts(Aside aside) {
        return new StoreCounts(
                streams.size(),
                segments.get(),
                storedBytes.get(),
                rawBytes.get(),
                contradictions.get(),
                volumes.get(),
                tornTails.get(),
                damaged.get(),
                aside.kept(),
                aside.unkept());
    }
}
