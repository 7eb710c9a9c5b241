package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.InclusionProof;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a bundle offline: every byte of it, by what it consists of. The segments by the {@link Verifier}, as a stretch of
 * each stream; that the log has each of their headers; that the log files are what the segments hold. What the archive's
 * directory and the manifest take in memory is bounded ({@link BundleManifest.Bounds}); the rest grows with the files that
 * the segments name. For use by one thread, once.
 */
public final class BundleCheck {
    /** Is told how many bytes of how many have been looked at. */
    @FunctionalInterface
    public interface Progress {
        void at(long done, long total);
    }

    private static final Set<String> REQUIRED = Set.of(
            BundleNames.README,
            BundleNames.SUMS,
            BundleNames.CHECKPOINT,
            BundleNames.GAPS,
            BundleNames.CLOCKS,
            BundleNames.LOG_KEYS,
            BundleNames.COLLECTOR_KEY,
            BundleNames.SCRIPT);

    private static final List<String> DIRECTORIES = List.of(
            BundleNames.CONSISTENCY,
            BundleNames.LOGS,
            BundleNames.PROOFS,
            BundleNames.SEGMENTS,
            BundleNames.TIMESTAMPS);

    /** Memory for a segment. */
    private ByteBuffer stored = ByteBuffer.allocateDirect(2 << 20);

    private final ByteBuffer slice = ByteBuffer.allocateDirect(Digests.SLICE);

    private final ZipReader zip;
    private final BundleManifest manifest;
    private final Verifier verifier;
    private final BundleFindings findings;
    private final LogFilesCheck logs;
    private final LogWord log;
    private final Progress progress;
    private final long total;
    private long done;

    private final Pieces pieces;

    /** What of each stream was found here: a stretch, or several if it is in pieces. */
    private final SortedMap<String, List<BundleManifest.Stretch>> streams = new TreeMap<>();

    private BundleCheck(ZipReader zip, BundleManifest manifest, Verifier verifier, LogWord log, Progress progress) {
        this.zip = zip;
        this.manifest = manifest;
        this.verifier = verifier;
        this.findings = new BundleFindings(zip, verifier);
        this.logs = new LogFilesCheck(zip, manifest.logs(), findings);
        this.log = log;
        this.pieces = new Pieces(manifest.streams());
        this.progress = progress;
        this.total = zip.files().stream().mapToLong(BundleFile::length).sum();
    }

    /**
     * Checks a bundle.
     *
     * @param archive open for reading; must not change meanwhile
     * @param trust whose word counts besides the bundle's own
     * @param tool name and version of this program, as it writes them into manifests
     */
    public static BundleVerdict check(FileChannel archive, Trust trust, String tool, Progress progress)
            throws IOException {
        try {
            return checked(archive, trust, tool, progress);
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private static BundleVerdict checked(FileChannel archive, Trust trust, String tool, Progress progress)
            throws IOException {
        ZipReader zip;
        BundleManifest manifest;
        try {
            zip = ZipReader.open(archive);
            manifest = manifest(zip);
        } catch (MalformedException malformed) {
            Verifier verifier = new Verifier(Verifier.Scope.STRETCH);
            verifier.damaged(new Location("the bundle", 0, archive.size()), String.valueOf(malformed.getMessage()));
            return new BundleVerdict(verifier.report(), Optional.empty(), List.of());
        }
        Verifier verifier = verifier(manifest.logs());
        LogWord log = new LogWord(zip, manifest, trust, new BundleFindings(zip, verifier));
        new BundleCheck(zip, manifest, verifier, log, progress).run(tool);
        return new BundleVerdict(verifier.report(), Optional.of(manifest), log.statements());
    }

    /**
     * Reads what a bundle says of itself. Nothing of it is checked.
     *
     * @throws MalformedException if it is no bundle
     */
    public static BundleManifest manifest(FileChannel archive) throws IOException, MalformedException {
        return manifest(ZipReader.open(archive));
    }

    /**
     * Reads what the bundle says of its nodes' clocks, JSON. Nothing of it is checked.
     *
     * @throws MalformedException if the file is no bundle, or says nothing of them in at most 4 MiB
     */
    public static byte[] clocks(FileChannel archive) throws IOException, MalformedException {
        ZipReader zip = ZipReader.open(archive);
        BundleFile file = zip.find(BundleNames.CLOCKS);
        if (file == null || file.length() > 4 << 20) {
            throw new MalformedException(
                    "archive: expected the file %s of at most 4 MiB, found %s".formatted(BundleNames.CLOCKS, file));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
        zip.read(file, 0, bytes);
        return bytes.array();
    }

    private static BundleManifest manifest(ZipReader zip) throws IOException, MalformedException {
        BundleFile file = zip.find(BundleManifest.NAME);
        if (file == null) {
            throw new MalformedException("archive: expected the file %s, found none".formatted(BundleManifest.NAME));
        }
        return BundleManifest.read(zip, file);
    }

    /** The verifier of a bundle with these log files: its report has the gaps that concern them. */
    static Verifier verifier(List<LogFile> logs) {
        Set<LogSource> sources = logs.stream().map(LogFile::from).collect(Collectors.toSet());
        return new Verifier(
                Verifier.Scope.STRETCH,
                gap -> gap.source() == null || sources.contains(new LogSource(gap.stream(), gap.source())));
    }

    private void run(String tool) throws IOException {
        List<BundleFile> files = zip.files();
        required();
        logs.described();
        log.check();
        Listing listing = new Listing(manifest.files(), name -> damaged(BundleManifest.NAME, "it lists " + name));
        for (BundleFile file : files) {
            BundleManifest.@Nullable Listed listed = listing.of(file);
            if (file.name().startsWith(BundleNames.SEGMENTS)) {
                segment(file, listed);
            } else if (!file.name().startsWith(BundleNames.LOGS)) {
                digest(file, listed);
                known(file);
            }
            done += file.length();
            progress.at(done, total);
        }
        listing.end();
        listing = new Listing(manifest.files(), _ -> {});
        for (BundleFile file : files) {
            if (file.name().startsWith(BundleNames.LOGS)) {
                digestLog(file, listing.of(file));
            }
        }
        logs.end();
        log.revoked().tell(verifier);
        streams();
        new FollowingFiles(zip, manifest, findings).check(verifier.report(), tool, log);
        log.end();
    }

    private void damaged(String name, String sentence) {
        findings.damaged(name, sentence);
    }

    private void required() {
        for (String name : REQUIRED) {
            if (zip.find(name) == null) {
                damaged(BundleManifest.NAME, "%s is not there".formatted(name));
            }
        }
    }

    private void known(BundleFile file) {
        String name = file.name();
        if (name.startsWith(BundleNames.PROOFS)) {
            String segment = BundleNames.SEGMENTS
                    + name.substring(BundleNames.PROOFS.length()).replaceFirst("\\.tlog-proof$", ".lz4");
            if (zip.find(segment) == null) {
                damaged(name, "it is a proof of no segment here");
            }
        } else if (!REQUIRED.contains(name)
                && !name.equals(BundleManifest.NAME)
                && !name.equals(BundleNames.POLICY)
                && !name.equals(BundleNames.REVOKED)
                && DIRECTORIES.stream().noneMatch(name::startsWith)) {
            damaged(name, "no file of a bundle is called that");
        }
    }

    private void digest(BundleFile file, BundleManifest.@Nullable Listed listed) throws IOException {
        Digests digests = new Digests();
        for (long at = 0; at < file.length(); at += slice.limit()) {
            zip.read(file, at, slice.clear().limit((int) Math.min(slice.capacity(), file.length() - at)));
            digests.update(slice);
        }
        compare(file, listed, digests);
    }

    private void digestLog(BundleFile file, BundleManifest.@Nullable Listed listed) throws IOException {
        Digests digests = logs.digests(file);
        if (digests == null) {
            digest(file, listed);
        } else {
            compare(file, listed, digests);
        }
    }

    private void compare(BundleFile file, BundleManifest.@Nullable Listed listed, Digests digests) {
        if (digests.crc() != file.crc()) {
            damaged(file.name(), "its CRC-32 is not the one that the archive states");
        }
        if (file.name().equals(BundleManifest.NAME)) {
            return;
        }
        if (listed == null) {
            damaged(file.name(), "the manifest does not list it");
        } else if (listed.length() != file.length()) {
            damaged(file.name(), "it has %d bytes, %d by the manifest".formatted(file.length(), listed.length()));
        } else if (!digests.sha256().equals(listed.sha256())) {
            damaged(file.name(), "its SHA-256 is not the one that the manifest states");
        }
    }

    private void segment(BundleFile file, BundleManifest.@Nullable Listed listed) throws IOException {
        if (file.length() > SegmentFormat.MOST_SEGMENT) {
            damaged(
                    file.name(),
                    "expected a segment of at most %d bytes, found %d"
                            .formatted(SegmentFormat.MOST_SEGMENT, file.length()));
            return;
        }
        int length = (int) file.length();
        if (stored.capacity() < length) {
            stored = ByteBuffer.allocateDirect(Math.max(length, 2 * stored.capacity()));
        }
        zip.read(file, 0, stored.clear().limit(length));
        Digests digests = new Digests();
        digests.update(stored.duplicate());
        compare(file, listed, digests);
        if (isOfOneStreamTooMany(stored)) {
            damaged(file.name(), "expected segments of at most %d streams".formatted(BundleManifest.MOST_STREAMS));
            return;
        }
        boolean isPiece = isPiece(stored);
        Optional<SegmentCheck.Outcome.Sound> sound =
                verifier.segment(new Location(file.name(), 0, file.length()), stored);
        try {
            Segment segment = Segment.of(stored);
            inItsPlace(file.name(), segment, sound, isPiece);
            proof(file.name(), segment);
            if (sound.isPresent()) {
                logs.segment(file.name(), segment.header().stream(), sound.get());
            }
        } catch (MalformedException malformed) {
            // The verifier has said so of a segment, and proof() of a proof.
        }
    }

    private boolean isOfOneStreamTooMany(ByteBuffer segment) {
        try {
            return streams.size() >= BundleManifest.MOST_STREAMS
                    && !streams.containsKey(
                            Segment.of(segment).header().stream().toString());
        } catch (MalformedException malformed) {
            return false;
        }
    }

    /** Whether another piece of its stream begins with a segment. Only if it is sound does that count. */
    private boolean isPiece(ByteBuffer stored) {
        try {
            Segment segment = Segment.of(stored);
            boolean begins = pieces.begins(segment, segment.entries());
            if (begins) {
                verifier.leap(segment.header().stream());
            }
            return begins;
        } catch (MalformedException malformed) {
            return false;
        }
    }

    private void inItsPlace(String name, Segment segment, Optional<SegmentCheck.Outcome.Sound> sound, boolean isPiece) {
        Octets stream = segment.header().stream();
        long sequence = segment.header().sequence();
        if (!BundleNames.segment(stream, sequence).equals(name)) {
            damaged(name, "segment %d of stream %s lies in its place".formatted(sequence, stream));
        }
        String node = sound.flatMap(SegmentCheck.Outcome.Sound::epoch)
                .map(Entry.Epoch::node)
                .orElse("");
        List<BundleManifest.Stretch> before = streams.computeIfAbsent(stream.toString(), _ -> new ArrayList<>());
        if (before.isEmpty() || isPiece) {
            before.add(new BundleManifest.Stretch(stream, node, sequence, sequence));
        } else {
            BundleManifest.Stretch last = before.removeLast();
            before.add(new BundleManifest.Stretch(
                    stream,
                    node.isEmpty() ? last.node() : node,
                    Math.min(sequence, last.first()),
                    Math.max(sequence, last.last())));
        }
    }

    private void proof(String segmentName, Segment segment) throws IOException {
        String name =
                BundleNames.proof(segment.header().stream(), segment.header().sequence());
        BundleFile file = zip.find(name);
        if (file == null) {
            damaged(segmentName, "the proof that the log has it is not there: expected " + name);
            return;
        }
        try {
            InclusionProof proof = InclusionProof.parse(zip.bytes(name, LogWord.MOST_PROOF));
            Octets header =
                    Octets.take(segment.headerBytes(), segment.headerBytes().remaining());
            if (!log.isCheckpoint(proof.checkpoint())) {
                damaged(name, "it leads to another checkpoint than the bundle's");
            } else if (!proof.includes(MerkleTree.leafHash(header))) {
                damaged(
                        name,
                        "it does not prove that the log has the header of this segment as entry " + proof.index());
            } else {
                log.included(proof.index());
                log.revoked()
                        .segment(
                                verifier,
                                new Location(segmentName, 0, segment.length()),
                                segment.header().stream(),
                                segment.header().sequence(),
                                proof.index());
            }
        } catch (MalformedException malformed) {
            damaged(name, String.valueOf(malformed.getMessage()));
        }
    }

    private void streams() {
        List<BundleManifest.Stretch> found =
                streams.values().stream().flatMap(List::stream).toList();
        streams.values().stream()
                .filter(stretches -> stretches.size() > 1)
                .forEach(stretches -> log.say(
                        "Of the custody log, stream %s, it has %d pieces, with the calls that concern it: what is between them was not selected."
                                .formatted(stretches.getFirst().stream().brief(), stretches.size())));
        if (found.isEmpty()) {
            damaged(BundleManifest.NAME, "it has no segment, so nothing in it is proven");
        }
        if (!found.equals(manifest.streams())) {
            damaged(
                    BundleManifest.NAME,
                    "it lists %s, and the segments are %s".formatted(shown(manifest.streams()), shown(found)));
        }
    }

    private static String shown(List<BundleManifest.Stretch> stretches) {
        return stretches.isEmpty()
                ? "no segments"
                : stretches.stream()
                        .limit(10)
                        .map(one -> "segments %d to %d of stream %s of node \"%s\""
                                .formatted(one.first(), one.last(), one.stream().brief(), one.node()))
                        .collect(Collectors.joining(", "));
    }
}
