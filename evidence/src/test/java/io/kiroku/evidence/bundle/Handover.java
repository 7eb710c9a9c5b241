package io.kiroku.evidence.bundle;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.MemoryLog;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.trust.RevocationCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** A small stream, the log that has it, and the bundle of both. */
final class Handover {
    static final String TOOL = "kiroku test";
    static final String NAME = "example.com/log";
    static final NoteSigner LOG = NoteSigner.ed25519(NAME, SigningKey.generate(new CountedRandom("log")));
    static final NoteSigner WITNESS =
            NoteSigner.ed25519Cosigner("witness.example/w", SigningKey.generate(new CountedRandom("witness")));
    static final String LOG_FILE = "logs/shop/web-1_7f3c/web/0.log";

    /** Foreign entries before the stream's in the log. */
    private static final int BEFORE = 5;

    final Scribe scribe = new Scribe("bundle");
    final List<byte[]> segments = new ArrayList<>();

    /** What the next segment of the stream has to link to, after each segment. */
    final List<ChainHead> heads = new ArrayList<>();

    /** Who signs the bundle's checkpoint. */
    NoteSigner[] signers = {LOG};

    MemoryLog log = new MemoryLog();
    SortedMap<String, byte[]> others = new TreeMap<>();
    private final Map<Octets, Long> indexes = new LinkedHashMap<>();

    /** Four segments; the first and the third restate. */
    static Handover small() {
        Handover small = new Handover();
        Entry.File file = Scribe.file(1, 0);
        small.keep(small.scribe
                .vouch(Entry.EpochReason.FIRST)
                .state(file)
                .chunk(1, 0, "one\ntwo\n")
                .seal(true));
        small.keep(small.scribe
                .chunk(1, 8, "three\n")
                .state(Scribe.gap(1, 14, 20))
                .chunk(1, 20, "four four four four four four four four four four four four\n")
                .seal());
        small.keep(small.scribe
                .vouch(Entry.EpochReason.CONTINUES)
                .state(Scribe.file(1, 80))
                .chunk(1, 80, "five\n")
                .seal(true));
        small.keep(small.scribe
                .chunk(1, 85, "six\n")
                .state(
                        new Entry.Clock(90_000_000_000L, 4_000_000, 17, Octets.zero(32)),
                        Scribe.event(Entry.EventKind.CLOCK_STEPPED, Entry.NO_FILE),
                        Scribe.event(Entry.EventKind.ENDED, 1))
                .seal());
        return small.logged();
    }

    /** Two pods' logs in two segments. */
    static Handover twoPods() {
        Handover pods = new Handover();
        pods.keep(pods.scribe
                .vouch(Entry.EpochReason.FIRST)
                .state(Scribe.file(1, 0), Scribe.file(2, 0))
                .chunk(1, 0, "paid\n")
                .chunk(2, 0, "owed\n")
                .seal(true));
        pods.keep(pods.scribe.chunk(1, 5, "all\n").chunk(2, 5, "all\n").seal());
        return pods.logged();
    }

    /** A log, and the loss of all of another that there was. */
    static Handover lostPod() {
        Handover lost = new Handover();
        lost.scribe.vouch(Entry.EpochReason.FIRST).seal();
        lost.scribe.seal();
        Entry.File gone = Scribe.file(2, 0);
        lost.keep(lost.scribe
                .vouch(Entry.EpochReason.CONTINUES)
                .state(Scribe.file(1, 0))
                .state(new Entry.SegmentGap(
                        2, 2, Entry.GapCause.RING_OVERRUN, 7, gone.file(), gone.source(), 0, 40, true))
                .chunk(1, 0, "paid\n")
                .seal(true));
        return lost.logged();
    }

    /** The same stream in a log with another beginning, signed by the same key. */
    static Handover rewritten() {
        Handover other = small();
        other.log = new MemoryLog().append(Octets.of((byte) 7));
        return other.logged();
    }

    private void keep(byte... segment) {
        segments.add(segment);
        heads.add(scribe.head());
    }

    private static Octets header(byte... segment) {
        Segment parts = Scribe.segment(segment);
        return Octets.take(parts.headerBytes(), parts.headerBytes().remaining());
    }

    private Handover logged() {
        for (int i = 0; i < BEFORE; i++) {
            log.append(Octets.of(("header " + i).getBytes(StandardCharsets.UTF_8)));
        }
        for (byte[] segment : segments) {
            indexes.put(header(segment), log.edge().size());
            log.append(header(segment)).append(Octets.of((byte) 1));
        }
        log.publish();
        others.put(BundleNames.LOG_KEYS, (LOG.verifierKey() + "\n").getBytes(StandardCharsets.UTF_8));
        others.put(BundleNames.COLLECTOR_KEY, ("00".repeat(32) + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    SignedNote checkpoint(long size, NoteSigner... signers) {
        try {
            Octets root = log.reader().root(size);
            return SignedNote.sign(new Checkpoint(NAME, size, root).text(), 1_767_400_000L, signers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    /** Puts a checkpoint that was seen before into the bundle, and what this log has to say of it. */
    void seenBefore(SignedNote before, long size) throws IOException, MalformedException {
        others.put(BundleNames.earlier(size), before.bytes());
        others.put(
                BundleNames.consistency(size),
                new WitnessRequest(
                                size, log.reader().consistency(size, log.edge().size()), checkpoint())
                        .bytes());
    }

    SignedNote checkpoint() {
        return checkpoint(log.edge().size(), signers);
    }

    BundlePlan plan() throws MalformedException {
        LogIndex index = new LogIndex((_, _) -> true);
        List<BundlePlan.Held> held = new ArrayList<>();
        for (byte[] segment : segments) {
            Segment parts = Scribe.segment(segment);
            index.add(scribe.stream(), parts.entries());
            long at = Objects.requireNonNull(indexes.get(header(segment)));
            held.add(new BundlePlan.Held(scribe.stream(), parts.header().sequence(), at, segment.length));
        }
        return new BundlePlan(
                TOOL,
                "K-1",
                "a \"test\"",
                Map.of("namespace", "shop"),
                NAME,
                new TreeHead(log.edge().size(), log.edge().root()),
                checkpoint(),
                List.of(new BundleManifest.Stretch(
                        scribe.stream(),
                        "node-1",
                        held.getFirst().sequence(),
                        held.getLast().sequence())),
                held,
                index.files(),
                others);
    }

    Path write(Path file) throws IOException, MalformedException {
        BundlePlan plan = plan();
        BundleBuilder builder = new BundleBuilder(
                plan,
                one -> Scribe.segment(segments.get(plan.segments().indexOf(one))),
                log.reader(),
                RevocationCheck.none(),
                (_, _) -> {});
        try (FileChannel channel = open(file)) {
            builder.write(channel);
        }
        return file;
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    static BundleVerdict check(Path file) throws IOException {
        return check(file, Trust.NONE);
    }

    static BundleVerdict check(Path file, Trust trust) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return BundleCheck.check(channel, trust, TOOL, (_, _) -> {});
        }
    }

    /** All files of a bundle but the manifest and the sums. */
    static SortedMap<String, byte[]> unpack(Path file) throws IOException, MalformedException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        try (FileChannel channel = FileChannel.open(file)) {
            ZipReader zip = ZipReader.open(channel);
            for (BundleFile one : zip.files()) {
                if (!one.name().equals(BundleManifest.NAME) && !one.name().equals(BundleNames.SUMS)) {
                    files.put(one.name(), zip.bytes(one.name(), 1 << 20));
                }
            }
        }
        return files;
    }

    static BundleManifest manifest(Path file) throws IOException, MalformedException {
        try (FileChannel channel = FileChannel.open(file)) {
            return BundleCheck.manifest(channel);
        }
    }

    /** Packs files as somebody does who knows the format, with a manifest and sums that fit them. */
    static Path repack(Path file, SortedMap<String, byte[]> files, BundleManifest manifest) throws IOException {
        Repacking.write(file, files, manifest);
        return file;
    }

    /** The same with everything that the manifest says but its list of files. */
    static Path repack(Path original, Path file, SortedMap<String, byte[]> files)
            throws IOException, MalformedException {
        return repack(file, files, manifest(original));
    }
}
