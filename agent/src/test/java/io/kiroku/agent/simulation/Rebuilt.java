package io.kiroku.agent.simulation;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verifier;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a stream of segments says, put together again: the way from evidence back to files. */
public final class Rebuilt {
    /** A file as the stream has it. */
    public static final class File {
        private final Entry.File declared;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private @Nullable FilePath lastPath;
        private Entry.@Nullable Gap gap;
        private boolean ended;

        private File(Entry.File declared) {
            this.declared = declared;
        }

        public int id() {
            return declared.file();
        }

        public String source() {
            return declared.source().toString();
        }

        /** The name under which it was last restated, or declared. */
        public String path() {
            return (lastPath == null ? declared.path() : lastPath).toString();
        }

        public FileIdentity identity() {
            return declared.identity();
        }

        /** The bytes from its start to where they end or a gap begins. */
        public byte[] bytes() {
            return bytes.toByteArray();
        }

        public String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        /** The loss that ends it. */
        public Entry.@Nullable Gap gap() {
            return gap;
        }

        public boolean ended() {
            return ended;
        }
    }

    private final TreeMap<Integer, File> files = new TreeMap<>();
    private final List<Entry.Clock> clocks = new ArrayList<>();
    private final List<Entry.Event> events = new ArrayList<>();
    private final List<Entry.Gap> gaps = new ArrayList<>();
    private final List<Entry.SegmentGap> segmentGaps = new ArrayList<>();
    private final List<Entry.Epoch> epochs = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private final Report report;

    private Rebuilt(List<byte[]> stored) throws MalformedException {
        Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
        ByteBuffer log = ByteBuffer.allocate(4 << 20);
        for (byte[] bytes : stored) {
            verifier.segment(new Location("collected", segments.size(), bytes.length), ByteBuffer.wrap(bytes));
            Segment segment = Segment.of(ByteBuffer.wrap(bytes));
            segments.add(segment);
            segment.decompress(log.clear());
            log.flip();
            for (Entry entry : segment.entries()) {
                take(entry, log);
            }
        }
        report = verifier.report();
    }

    /** All segments of a stream from its first on. */
    public static Rebuilt from(List<byte[]> segments) {
        try {
            return new Rebuilt(segments);
        } catch (MalformedException e) {
            throw new AssertionError("a segment is malformed", e);
        }
    }

    private void take(Entry entry, ByteBuffer log) {
        switch (entry) {
            case Entry.Epoch epoch -> epochs.add(epoch);
            case Entry.File file -> files.computeIfAbsent(file.file(), _ -> new File(file)).lastPath = file.path();
            case Entry.Chunk chunk -> {
                File file = require(chunk.file());
                if (file.bytes.size() != chunk.from() || file.gap != null || file.ended) {
                    throw new AssertionError("file %d goes on at %d, it has %d bytes"
                            .formatted(chunk.file(), chunk.from(), file.bytes.size()));
                }
                byte[] bytes = new byte[chunk.length()];
                log.get(bytes);
                file.bytes.writeBytes(bytes);
            }
            case Entry.Gap gap -> {
                gaps.add(gap);
                if (gap.file() != Entry.NO_FILE) {
                    require(gap.file()).gap = gap;
                }
            }
            case Entry.Event event -> {
                events.add(event);
                if (event.kind() == Entry.EventKind.ENDED) {
                    require(event.file()).ended = true;
                }
            }
            case Entry.SegmentGap lost -> segmentGaps.add(lost);
            case Entry.Clock clock -> clocks.add(clock);
            case Entry.Position _ -> {}
            case Entry.FingerprintTaken taken -> check(require(taken.file()), taken.fingerprint());
        }
    }

    /** A fingerprint must be that of the bytes that were captured. */
    private static void check(File file, Fingerprint fingerprint) {
        byte[] bytes = file.bytes();
        if (bytes.length < fingerprint.length()
                || !Sha256.of(ByteBuffer.wrap(bytes, 0, fingerprint.length())).equals(fingerprint.sha256())) {
            throw new AssertionError("file %d has %d bytes that do not match its fingerprint over %d"
                    .formatted(file.id(), bytes.length, fingerprint.length()));
        }
    }

    private File require(int id) {
        File file = files.get(id);
        if (file == null) {
            throw new AssertionError("file " + id + " was never declared");
        }
        return file;
    }

    public Collection<File> files() {
        return files.values();
    }

    /** The files of a source in the order in which they began to be followed. */
    public List<File> of(String source) {
        return files.values().stream()
                .filter(file -> file.source().equals(source))
                .toList();
    }

    /** The files that the stream has of an inode, one for each time that it was cut. */
    public List<File> of(SimInode inode) {
        return files.values().stream()
                .filter(file -> file.identity().inode() == inode.number()
                        && file.identity().birthNanos() == inode.birthNanos())
                .toList();
    }

    /** All captured bytes of a source, one file after the other. */
    public byte[] bytesOf(String source) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        of(source).forEach(file -> all.writeBytes(file.bytes()));
        return all.toByteArray();
    }

    /** What the node's clock was measured at. */
    public List<Entry.Clock> clocks() {
        return clocks;
    }

    public List<Entry.Event> events(Entry.EventKind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }

    public List<Entry.Gap> gaps() {
        return gaps;
    }

    public List<Entry.SegmentGap> segmentGaps() {
        return segmentGaps;
    }

    public List<Entry.Epoch> epochs() {
        return epochs;
    }

    public List<Segment> segments() {
        return segments;
    }

    /** What verification says of all of it. */
    public Report report() {
        return report;
    }
}
