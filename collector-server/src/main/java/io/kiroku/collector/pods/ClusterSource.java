package io.kiroku.collector.pods;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Place;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chained sources in which a collector keeps what the cluster says: read again from the store, line after line, they give the
 * {@link PodTable} that the collector had. What is damaged or not understood is counted and passed over. For use by one thread.
 */
public final class ClusterSource {
    /** What the paths of these sources begin with; the name of the cluster follows. */
    public static final String PREFIX = "/kiroku/cluster/";

    /**
     * What was read.
     *
     * @param lines that were understood
     * @param notUnderstood lines that were not
     * @param damaged segments that are not what was sealed
     */
    public record Tally(long lines, long notUnderstood, long damaged) {
        /** One sentence for people; empty if all was understood. */
        public String inWords() {
            return notUnderstood == 0 && damaged == 0
                    ? ""
                    : "of what the cluster said of its pods, %d lines were not understood and %d segments are damaged"
                            .formatted(notUnderstood, damaged);
        }
    }

    /** A file of one of the sources, and the line that its last bytes began. */
    private static final class Growing {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private long end;
    }

    private record FileKey(Octets stream, int file) {}

    private final StoreReader store;
    private final PodTable table;
    private final Set<Octets> own = new HashSet<>();
    private final Map<FileKey, Growing> files = new HashMap<>();
    private final SegmentCheck check = new SegmentCheck();
    private final List<Place> found = new ArrayList<>();
    private long lines;
    private long notUnderstood;
    private long damaged;

    private ClusterSource(StoreReader store, PodTable table) {
        this.store = store;
        this.table = table;
    }

    /** Adds to the table all that the store holds of clusters. */
    public static Tally read(StoreReader store, PodTable table) throws IOException {
        return new ClusterSource(store, table).read();
    }

    private Tally read() throws IOException {
        store.scan(Position.START, this::find);
        for (Place place : found) {
            replay(place);
        }
        return new Tally(lines, notUnderstood, damaged);
    }

    /** Remembers where the segments lie that hold something of these sources. */
    private void find(CatalogueEntry entry) {
        Octets stream = entry.header().stream();
        boolean holds = false;
        for (Entry said : entry.entries()) {
            switch (said) {
                case Entry.Epoch epoch -> {
                    if (epoch.node().equals(OwnNode.NAME)) {
                        own.add(stream);
                    }
                }
                case Entry.File file -> {
                    if (own.contains(stream) && file.source().toString().startsWith(PREFIX)) {
                        files.computeIfAbsent(new FileKey(stream, file.file()), _ -> new Growing());
                    }
                }
                case Entry.Chunk chunk -> holds |= files.containsKey(new FileKey(stream, chunk.file()));
                case Entry.Gap _,
                        Entry.Event _,
                        Entry.FingerprintTaken _,
                        Entry.Position _,
                        Entry.Clock _,
                        Entry.SegmentGap _ -> {}
            }
        }
        if (holds) {
            found.add(entry.place());
        }
    }

    private void replay(Place place) throws IOException {
        SegmentCheck.Outcome outcome;
        Octets stream;
        try {
            Segment segment = store.read(place);
            stream = segment.header().stream();
            outcome = check.check(segment);
        } catch (MalformedException malformed) {
            damaged++;
            return;
        }
        if (!(outcome instanceof SegmentCheck.Outcome.Sound(List<Entry> entries, ByteBuffer log))) {
            damaged++;
            return;
        }
        int at = 0;
        for (Entry entry : entries) {
            if (entry instanceof Entry.Chunk chunk) {
                @Nullable Growing file = files.get(new FileKey(stream, chunk.file()));
                if (file != null) {
                    grow(file, chunk, log.slice(at, chunk.length()));
                }
                at += chunk.length();
            }
        }
    }

    private void grow(Growing file, Entry.Chunk chunk, ByteBuffer bytes) {
        if (chunk.from() != file.end) {
            // Something between is missing, and with it the beginning of a line, perhaps: then what follows is none.
            file.line.reset();
        }
        file.end = chunk.from() + chunk.length();
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                take(file);
            } else if (file.line.size() <= ObservationJson.MOST_LINE) {
                file.line.write(next);
            }
        }
    }

    private void take(Growing file) {
        byte[] line = file.line.toByteArray();
        file.line.reset();
        try {
            table.add(ObservationJson.read(line));
            lines++;
        } catch (MalformedException notAnObservation) {
            notUnderstood++;
        }
    }
}
