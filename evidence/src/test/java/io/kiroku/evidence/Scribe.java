package io.kiroku.evidence;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Writes a stream as an agent would, one segment after the other, so that tests can then take it apart. */
public final class Scribe {
    private static final Octets BOOT = CountedRandom.octets("boot", 16);

    private final SecureRandom random;
    private Identity identity;
    private final SegmentWriter writer;
    private Ratchet ratchet;
    private long epoch = 1;
    private long second;
    private int nextFile = 1;

    /** @param label everything that would be random follows from it */
    public Scribe(String label) {
        random = new CountedRandom(label);
        identity = Identity.of(SigningKey.generate(random));
        writer = new SegmentWriter(random);
        SigningKey key = SigningKey.generate(random);
        ChainHead begin = new ChainHead(stream(), 0, 0, Octets.zero(32), key.publicKey());
        ratchet = new Ratchet(begin, key, BOOT, random);
    }

    /** A stream whose first segment, which declares nothing, is already sealed and thrown away. */
    public static Scribe begun(String label) {
        Scribe scribe = new Scribe(label);
        scribe.vouch(EpochReason.FIRST).seal();
        return scribe;
    }

    /** A file that begins to be followed. */
    public static Entry.File file(int id, long offset) {
        FilePath path = FilePath.of("/var/log/pods/shop_web-" + id + "_7f3c/web/0.log");
        return new Entry.File(id, path, path, new FileIdentity(0x800000002L, 1000 + id, 17), offset, Fingerprint.NONE);
    }

    public static Entry.Gap gap(int file, long from, long to) {
        return new Entry.Gap(file, from, to, Entry.GapCause.TRUNCATED, 5, "cut");
    }

    public static Entry.Event event(Entry.EventKind kind, int file) {
        return new Entry.Event(kind, file, 6, "");
    }

    public Octets stream() {
        return identity.stream();
    }

    public Identity identity() {
        return identity;
    }

    /** From now on that identity vouches for the stream's keys, whether the stream was handed over to it or not. */
    public Scribe as(Identity vouching) {
        identity = vouching;
        return this;
    }

    public SegmentWriter writer() {
        return writer;
    }

    /** The end of the chain so far. */
    public ChainHead head() {
        return ratchet.head();
    }

    /** The identity vouches for the next segment's key; to be called before any other entry is given. */
    public Scribe vouch(EpochReason reason) {
        ChainHead head = ratchet.head();
        return state(EpochSeal.vouch(
                reason,
                nextFile,
                identity,
                "node-1",
                epoch,
                head.sequence() + 1,
                head.hash(),
                ratchet.key().publicKey()));
    }

    /** The next segment is signed by a key that none announced, and counted to the next epoch. */
    public Scribe newEpoch() {
        epoch++;
        return newKey();
    }

    /** The next segment is signed by a key that none announced. */
    public Scribe newKey() {
        ratchet = new Ratchet(ratchet.head(), SigningKey.generate(random), BOOT, random);
        return this;
    }

    /** The next segment links to what another chain ends with, or to anything else that this head says. */
    public Scribe linkTo(ChainHead head) {
        ratchet = new Ratchet(head, SigningKey.generate(random), BOOT, random);
        epoch = Math.max(1, head.epoch());
        return this;
    }

    public Scribe state(Entry... entries) {
        for (Entry entry : entries) {
            if (entry instanceof Entry.File file) {
                nextFile = Math.max(nextFile, file.file() + 1);
            }
            writer.state(entry);
        }
        return this;
    }

    public Scribe chunk(int file, long from, String log) {
        return chunk(file, from, log.getBytes(StandardCharsets.UTF_8));
    }

    public Scribe chunk(int file, long from, byte... log) {
        writer.raw().put(log);
        writer.captured(file, from, log.length);
        return this;
    }

    public byte[] seal() {
        return seal(false);
    }

    /** Vouches that the epoch goes on, restates the files, and seals. */
    public byte[] restate(Entry... files) {
        return vouch(EpochReason.CONTINUES).state(files).seal(true);
    }

    public byte[] seal(boolean restates) {
        Timestamp now = new Timestamp(1_767_323_045_000_000_000L + second * 1_000_000_000L, second++ * 1_000_000_000L);
        ByteBuffer sealed = ratchet.seal(writer, epoch, now, restates);
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        ratchet.advance(segment(bytes));
        return bytes;
    }

    /** The parts of a segment that is one beyond doubt. */
    public static Segment segment(byte... bytes) {
        try {
            return Segment.of(ByteBuffer.wrap(bytes));
        } catch (MalformedException malformed) {
            throw new AssertionError(malformed);
        }
    }

    /** The log bytes of a segment that is one beyond doubt. */
    public static byte[] log(byte... segment) {
        Segment parts = segment(segment);
        ByteBuffer log = ByteBuffer.allocate(parts.header().rawLength());
        try {
            parts.decompress(log);
        } catch (MalformedException malformed) {
            throw new AssertionError(malformed);
        }
        return log.array();
    }
}
