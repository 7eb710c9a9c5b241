package io.kiroku.systemtests.store;

import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.SegmentHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a store holds of each source that agents captured, followed while it grows. */
public final class Captured {
    private record FileKey(Octets stream, int file) {}

    private record SegmentKey(Octets stream, long sequence) {}

    private final Path data;
    private final Map<Path, Long> positions = new HashMap<>();
    private final Map<FileKey, FilePath> sources = new HashMap<>();
    private final Map<FileKey, Long> ends = new HashMap<>();
    private final Map<FilePath, Long> bytes = new HashMap<>();
    private final Map<SegmentKey, Octets> segments = new HashMap<>();
    private final List<String> repeated = new ArrayList<>();
    private final List<Entry.Gap> gaps = new ArrayList<>();
    private final List<Entry.Event> events = new ArrayList<>();
    private final Map<FilePath, Long> repeatedBytes = new HashMap<>();
    private final Map<FilePath, List<Entry.Gap>> gapsOf = new HashMap<>();
    private long raw;

    /** @param data a collector's directory, which need not be there yet */
    public Captured(Path data) {
        this.data = data;
    }

    /** Takes in what was stored since the last look. */
    public Captured look() throws IOException {
        for (Path volume : VolumeScan.volumes(data)) {
            long from = positions.getOrDefault(volume, 0L);
            positions.put(volume, VolumeScan.forEach(volume, from, this::take));
        }
        return this;
    }

    /** Log bytes captured of that source. */
    public long bytesOf(FilePath source) {
        return bytes.getOrDefault(source, 0L);
    }

    /** Log bytes captured of that source. */
    public long bytesOf(Path source) {
        return bytesOf(FilePath.of(source.toString()));
    }

    /** Log bytes in all. */
    public long raw() {
        return raw;
    }

    /** Number of segments stored. */
    public int segmentCount() {
        return segments.size();
    }

    /** Whether the store has a segment with that place in its stream and that hash. */
    public boolean holds(Octets stream, long sequence, Octets hash) {
        Octets found = segments.get(new SegmentKey(stream, sequence));
        return found != null && found.equals(hash);
    }

    /** Segments and byte ranges that are in the store more than once, as sentences. */
    public List<String> repeated() {
        return List.copyOf(repeated);
    }

    /** Log bytes of that source that are in the store more than once, each time counted but the first. */
    public long repeatedBytesOf(Path source) {
        return repeatedBytes.getOrDefault(FilePath.of(source.toString()), 0L);
    }

    /** What was declared lost of that source, and of files and directories that were gone before they had an id. */
    public List<Entry.Gap> gapsOf(Path source) {
        List<Entry.Gap> all = new ArrayList<>(gapsOf.getOrDefault(FilePath.of(source.toString()), List.of()));
        gaps.stream().filter(gap -> isAbout(gap, source.toString())).forEach(all::add);
        return all;
    }

    /** Such a gap names in its detail the file, which may have a name that rotation gave it, or a directory above it. */
    private static boolean isAbout(Entry.Gap gap, String source) {
        int end = gap.detail().indexOf(": ");
        if (gap.file() != Entry.NO_FILE || end < 0) {
            return false;
        }
        String path = gap.detail().substring(0, end);
        return path.equals(source) || path.startsWith(source + ".") || source.startsWith(path + "/");
    }

    public List<Entry.Gap> gaps() {
        return List.copyOf(gaps);
    }

    public List<Entry.Event> events() {
        return List.copyOf(events);
    }

    private void take(VolumeScan.Stored stored) {
        SegmentHeader header = stored.segment().header();
        List<Entry> entries;
        try {
            entries = stored.segment().entries();
        } catch (MalformedException malformed) {
            throw new AssertionError("a stored segment whose manifest cannot be read: " + stored, malformed);
        }
        if (OwnNode.states(entries)) {
            return;
        }
        if (segments.put(
                        new SegmentKey(header.stream(), header.sequence()),
                        stored.segment().hash())
                != null) {
            repeated.add("segment %d of stream %s".formatted(header.sequence(), header.stream()));
            return;
        }
        raw += header.rawLength();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.File file -> sources.put(new FileKey(header.stream(), file.file()), file.source());
                case Entry.Chunk chunk -> take(new FileKey(header.stream(), chunk.file()), chunk);
                case Entry.Gap gap -> take(new FileKey(header.stream(), gap.file()), gap);
                case Entry.Event event -> events.add(event);
                default -> {}
            }
        }
    }

    private void take(FileKey key, Entry.Gap gap) {
        gaps.add(gap);
        FilePath source = sources.get(key);
        if (source != null) {
            gapsOf.computeIfAbsent(source, _ -> new ArrayList<>()).add(gap);
        }
    }

    private void take(FileKey key, Entry.Chunk chunk) {
        FilePath source = sources.get(key);
        if (source == null) {
            throw new AssertionError("a chunk of a file that was never declared: " + chunk);
        }
        long end = ends.getOrDefault(key, 0L);
        if (chunk.from() < end) {
            repeated.add("bytes %d to %d of %s, file %d".formatted(chunk.from(), end - 1, source, chunk.file()));
            repeatedBytes.merge(source, Math.min(end, chunk.to()) - chunk.from(), Long::sum);
        }
        ends.put(key, Math.max(end, chunk.to()));
        bytes.merge(source, (long) chunk.length(), Long::sum);
    }
}
