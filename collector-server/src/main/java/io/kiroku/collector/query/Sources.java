package io.kiroku.collector.query;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentHeader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every source ever seen, as the manifests tell. Grows with the number of files, not of segments. For use by one thread.
 */
public final class Sources {
    /**
     * A stream that sealed nothing for so long is silent: agents seal a heartbeat every 10 s, so that six are missing. The
     * collector's own streams have none.
     */
    public static final Duration SILENT = Duration.ofSeconds(60);

    private static final Comparator<Source> ORDER =
            Comparator.comparing(Source::node).thenComparing(Source::path).thenComparing(Source::first);

    /** What is known of one stream. */
    private static final class Stream {
        private final StreamLosses losses = new StreamLosses();
        private final NodeClock clock = new NodeClock();
        private final Map<Integer, Tally> byFile = new HashMap<>();
        private final Map<FilePath, Tally> byPath = new LinkedHashMap<>();
        private final long begun;
        private String node = "";
        private long lastSealed;
        private long lastStored;

        private Stream(long begun) {
            this.begun = begun;
        }

        private boolean isOwn() {
            return OwnNode.NAME.equals(node);
        }

        /** Of the streams of one line there is one at a time: a node's, or a source's of the collector's own. */
        private String line() {
            return isOwn() ? node + byPath.keySet() : node;
        }
    }

    /** What is known of one source. */
    private static final class Tally {
        private final FilePath path;
        private final Set<Integer> files = new HashSet<>();
        private int newestFile;
        private boolean newestLost;
        private long bytes;
        private long gaps;
        private long gapBytes;
        private long unknownGaps;
        private long first = Long.MAX_VALUE;
        private long last;

        private Tally(FilePath path) {
            this.path = path;
        }
    }

    private final Map<Octets, Stream> streams = new LinkedHashMap<>();
    private long stored;

    /** Takes in a stored segment; those of one stream in the order in which they are stored. */
    public void add(CatalogueEntry entry) {
        SegmentHeader header = entry.header();
        stored++;
        Stream stream = streams.computeIfAbsent(header.stream(), _ -> new Stream(stored));
        stream.lastStored = stored;
        long sealed = header.sealed().wallNanos();
        stream.lastSealed = Math.max(stream.lastSealed, sealed);
        stream.clock.add(header.sequence(), entry.entries());
        for (Entry said : entry.entries()) {
            switch (said) {
                case Entry.Epoch epoch -> stream.node = epoch.node();
                case Entry.File file -> declare(stream, file, sealed);
                case Entry.Chunk chunk -> {
                    Tally tally = stream.byFile.get(chunk.file());
                    if (tally != null) {
                        tally.bytes += chunk.length();
                        tally.last = Math.max(tally.last, sealed);
                    }
                }
                case Entry.Gap _, Entry.SegmentGap _ -> {
                    // Losses come from StreamLosses, each once.
                }
                case Entry.FingerprintTaken _, Entry.Position _, Entry.Clock _, Entry.Event _ -> {}
            }
        }
        stream.losses.add(entry).forEach(loss -> lose(stream, loss, sealed));
    }

    private static void declare(Stream stream, Entry.File file, long sealed) {
        if (stream.byFile.containsKey(file.file())) {
            return;
        }
        declare(stream, file.file(), file.source(), sealed);
    }

    private static Tally declare(Stream stream, int file, FilePath source, long sealed) {
        Tally tally = stream.byPath.computeIfAbsent(source, Tally::new);
        stream.byFile.put(file, tally);
        tally.files.add(file);
        tally.first = Math.min(tally.first, sealed);
        tally.last = Math.max(tally.last, sealed);
        if (file > tally.newestFile) {
            tally.newestFile = file;
            tally.newestLost = false;
        }
        return tally;
    }

    private static void lose(Stream stream, StreamLosses.Loss loss, long sealed) {
        Entry.Gap gap = loss.gap();
        FilePath source = loss.source();
        if (gap.file() == Entry.NO_FILE || source == null) {
            return;
        }
        @Nullable Tally known = stream.byFile.get(gap.file());
        // A file that began and ended in lost segments is known by their loss alone.
        Tally tally = known == null ? declare(stream, gap.file(), source, sealed) : known;
        tally.newestLost |= known == null && gap.file() == tally.newestFile;
        tally.gaps++;
        if (gap.to() == Entry.UNKNOWN) {
            tally.unknownGaps++;
            tally.newestLost |= gap.file() == tally.newestFile;
        } else {
            tally.gapBytes += gap.length();
        }
    }

    /**
     * All sources by node and path.
     *
     * @param now by which it is judged whether a stream is silent
     */
    public List<Source> list(Instant now) {
        List<Source> list = new ArrayList<>();
        Map<String, Long> newest = newestOfLines();
        streams.forEach((id, stream) -> {
            // A node that began another stream since has lost its identity, or another node has its name.
            Source.State open = !stream.node.isEmpty() && newest.getOrDefault(stream.line(), 0L) > stream.lastStored
                    ? Source.State.CUT_OFF
                    : !stream.isOwn() && instant(stream.lastSealed).plus(SILENT).isBefore(now)
                            ? Source.State.STALE
                            : Source.State.FOLLOWING;
            Set<FilePath> followed = new HashSet<>();
            stream.losses.files().followed().values().forEach(file -> followed.add(file.source()));
            NodeClock.Standing clock = stream.clock.standing();
            for (Tally tally : stream.byPath.values()) {
                list.add(source(
                        id,
                        stream.node,
                        clock,
                        tally,
                        followed.contains(tally.path)
                                ? open
                                : tally.newestLost ? Source.State.LOST : Source.State.ENDED));
            }
        });
        list.sort(ORDER);
        return list;
    }

    /** When each line's newest stream began, in the order of the store. */
    private Map<String, Long> newestOfLines() {
        Map<String, Long> newest = new HashMap<>();
        streams.values().forEach(stream -> newest.merge(stream.line(), stream.begun, Math::max));
        return newest;
    }

    private static Source source(
            Octets stream, String node, NodeClock.Standing clock, Tally tally, Source.State state) {
        @Nullable PodLogPath pod = PodLogPath.parse(tally.path).orElse(null);
        return new Source(
                node,
                stream,
                tally.path,
                pod,
                tally.bytes,
                tally.files.size(),
                new Source.Gaps(tally.gaps, tally.gapBytes, tally.unknownGaps),
                instant(tally.first),
                instant(tally.last),
                state,
                clock);
    }

    static Instant instant(long wallNanos) {
        return Timestamp.instant(wallNanos);
    }
}
