package io.kiroku.collector.export;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.Place;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * Finds the segments that hold selected sources: of each stream a run without a hole, from the last segment that restates
 * before the first with something of them, so that it verifies by itself, up to the last with something of them. Grows with
 * the number of segments, not with their bytes. For use by one thread.
 */
final class SegmentRuns {
    /**
     * A segment of a run.
     *
     * @param number of its record, from 1
     */
    record Kept(Octets stream, long sequence, long number, Place place) {}

    /** What is known of one stream. */
    private static final class Stream {
        private final Set<Integer> files = new HashSet<>();

        /** Whether something selected was named: what is lost of files that are not known may be of it. */
        private boolean hasSelected;

        private final List<Kept> kept = new ArrayList<>();

        /** How many of those kept are needed: up to the last that holds something; 0 before the first. */
        private int needed;
    }

    private final BiPredicate<Octets, FilePath> sources;
    private final BundleSelection selection;
    private final long most;
    private final SortedMap<String, Stream> streams = new TreeMap<>();

    /**
     * A search.
     *
     * @param sources which are selected, by stream and path
     * @param most the highest record that is taken: what the log has
     */
    SegmentRuns(BiPredicate<Octets, FilePath> sources, BundleSelection selection, long most) {
        this.sources = sources;
        this.selection = selection;
        this.most = most;
    }

    /** Takes a stored segment; those of one stream in the order in which they are stored. */
    void add(CatalogueEntry entry) {
        SegmentHeader header = entry.header();
        if (entry.number() > most) {
            return;
        }
        Stream stream = streams.computeIfAbsent(header.stream().toString(), _ -> new Stream());
        if (!stream.kept.isEmpty() && stream.kept.getLast().sequence() >= header.sequence()) {
            return;
        }
        if (header.restates() && stream.needed == 0) {
            stream.kept.clear();
        }
        stream.kept.add(new Kept(header.stream(), header.sequence(), entry.number(), entry.place()));
        boolean inTime = selection.includes(sealed(header));
        for (Entry said : entry.entries()) {
            if (concerns(stream, header.stream(), said) && inTime) {
                stream.needed = stream.kept.size();
            }
        }
    }

    private static Instant sealed(SegmentHeader header) {
        long nanos = header.sealed().wallNanos();
        return Timestamp.instant(nanos);
    }

    /** Whether an entry says something new of a selected source. */
    private boolean concerns(Stream stream, Octets id, Entry entry) {
        return switch (entry) {
            case Entry.Epoch epoch -> epoch.reason() == Entry.EpochReason.RING_LOST && stream.hasSelected;
            case Entry.File file -> {
                boolean isSelected = sources.test(id, file.source());
                stream.hasSelected |= isSelected;
                yield isSelected && stream.files.add(file.file());
            }
            case Entry.Chunk chunk -> stream.files.contains(chunk.file());
            case Entry.Gap gap -> gap.file() == Entry.NO_FILE ? stream.hasSelected : stream.files.contains(gap.file());
            case Entry.Event event -> stream.files.contains(event.file());
            case Entry.SegmentGap lost -> {
                FilePath source = lost.source();
                if (source == null) {
                    yield stream.hasSelected;
                }
                boolean isSelected = sources.test(id, source);
                stream.hasSelected |= isSelected;
                yield isSelected;
            }
            case Entry.FingerprintTaken _, Entry.Position _, Entry.Clock _ -> false;
        };
    }

    /** The runs, of each stream that has one, in the order of the streams' ids. */
    List<List<Kept>> runs() {
        List<List<Kept>> runs = new ArrayList<>();
        for (Stream stream : streams.values()) {
            if (stream.needed > 0) {
                runs.add(List.copyOf(stream.kept.subList(0, stream.needed)));
            }
        }
        return runs;
    }
}
