package io.kiroku.collector.query;

import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** Writes a node's stream into a real store, the way an agent and a collector do together. */
public final class Scribe {
    public static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final Store store;
    private final SegmentWriter writer = new SegmentWriter(new SecureRandom());
    private final Ratchet ratchet;
    private final Octets stream;
    private final String node;
    private final Identity identity;
    private final Map<Integer, Long> offsets = new HashMap<>();
    private final Map<Integer, Entry.File> files = new HashMap<>();
    private long epoch = 1;
    private boolean restates;
    private Instant now = START;

    public Scribe(Store store, String node) {
        SecureRandom random = new SecureRandom();
        this.node = node;
        this.identity = Identity.of(SigningKey.generate(random));
        SigningKey first = SigningKey.generate(random);
        this.store = store;
        this.stream = identity.stream();
        this.ratchet = new Ratchet(
                new ChainHead(stream, 0, 0, Octets.zero(32), Octets.zero(32)), first, Octets.zero(16), random);
        writer.preface(
                EpochSeal.vouch(Entry.EpochReason.FIRST, 1, identity, node, 1, 1, Octets.zero(32), first.publicKey()));
    }

    public static Store open(Path data) throws IOException {
        return Store.open(StoreFiles.of(data), InstantSource.system(), System::nanoTime);
    }

    Octets stream() {
        return stream;
    }

    /** Declares a file of the source with that path. */
    public Scribe file(int file, String source) {
        return file(file, source, 100 + file);
    }

    /** The same of a file with that inode. */
    Scribe file(int file, String source, long inode) {
        FilePath path = FilePath.of(source);
        offsets.put(file, 0L);
        files.put(file, new Entry.File(file, path, path, new FileIdentity(1, inode, 1), 0, Fingerprint.NONE));
        writer.state(declared(file));
        return this;
    }

    private Entry.File declared(int file) {
        Entry.File first = files.get(file);
        if (first == null) {
            throw new AssertionError("file " + file + " was not declared");
        }
        return new Entry.File(
                file,
                first.source(),
                first.path(),
                first.identity(),
                offsets.getOrDefault(file, 0L),
                first.fingerprint());
    }

    /** Captures more bytes of a file. */
    public Scribe log(int file, byte... bytes) {
        int done = 0;
        while (done < bytes.length) {
            int part = Math.min(bytes.length - done, writer.raw().remaining());
            writer.raw().put(bytes, done, part);
            writer.captured(file, offsets.merge(file, (long) part, Long::sum) - part, part);
            done += part;
            if (!writer.raw().hasRemaining()) {
                seal();
            }
        }
        return this;
    }

    public Scribe log(int file, String text) {
        return log(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** States the first bytes of a file. */
    Scribe fingerprint(int file, String first) {
        byte[] bytes = first.getBytes(StandardCharsets.UTF_8);
        writer.state(
                new Entry.FingerprintTaken(file, new Fingerprint(bytes.length, Sha256.of(ByteBuffer.wrap(bytes)))));
        return this;
    }

    /** Declares the next bytes of a file lost. */
    public Scribe gap(int file, long length, Entry.GapCause cause) {
        long from = offsets.merge(file, length, Long::sum) - length;
        writer.state(new Entry.Gap(file, from, from + length, cause, nanos(now), "in a test"));
        return this;
    }

    /** Leaves out bytes without a word. */
    public Scribe skip(int file, long length) {
        offsets.merge(file, length, Long::sum);
        return this;
    }

    /** Declares all further bytes of a file lost. */
    public Scribe lost(int file) {
        writer.state(new Entry.Gap(
                file, offsets.getOrDefault(file, 0L), Entry.UNKNOWN, Entry.GapCause.VANISHED, nanos(now), ""));
        return this;
    }

    /** Declares a loss of no file in particular. */
    Scribe node(Entry.GapCause cause, String detail) {
        writer.state(new Entry.Gap(Entry.NO_FILE, 0, Entry.UNKNOWN, cause, nanos(now), detail));
        return this;
    }

    Scribe state(Entry entry) {
        writer.state(entry);
        return this;
    }

    Scribe event(Entry.EventKind kind, int file) {
        writer.state(new Entry.Event(kind, file, nanos(now), ""));
        return this;
    }

    public Scribe end(int file) {
        return event(Entry.EventKind.ENDED, file);
    }

    /** Moves the node's clock. */
    public Scribe at(Instant time) {
        now = time;
        return this;
    }

    /** Declares segments lost, and bytes of a file in them. */
    Scribe lostSegments(long first, long last, int file, String source, long from, long to, boolean ended) {
        writer.state(new Entry.SegmentGap(
                first,
                last,
                Entry.GapCause.RING_OVERRUN,
                nanos(now),
                file,
                file == Entry.NO_FILE ? null : FilePath.of(source),
                from,
                to,
                ended));
        return this;
    }

    /** Restates the files with where they stand now; to be called before anything else of the segment. */
    Scribe restate(int... files) {
        return vouch(Entry.EpochReason.CONTINUES, files);
    }

    /** The identity vouches for the segment's key, and the files are restated. */
    Scribe vouch(Entry.EpochReason reason, int... files) {
        epoch += reason == Entry.EpochReason.CONTINUES ? 0 : 1;
        restates = true;
        writer.preface(EpochSeal.vouch(
                reason,
                1000,
                identity,
                node,
                epoch,
                ratchet.head().sequence() + 1,
                ratchet.head().hash(),
                ratchet.key().publicKey()));
        for (int file : files) {
            writer.preface(declared(file));
        }
        return this;
    }

    /** Seals what there is as the next segment, and stores it. */
    public Scribe seal() {
        try {
            Segment segment = kept();
            store.append(segment);
            store.sync();
            ratchet.advance(segment);
            return this;
        } catch (StoreUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    /** Seals what there is as the next segment, which never comes to the store. */
    Scribe sealInVain() {
        ratchet.advance(kept());
        return this;
    }

    private Segment kept() {
        try {
            Segment segment = Segment.of(ratchet.seal(writer, epoch, new Timestamp(nanos(now), 0), restates));
            restates = false;
            return segment;
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
