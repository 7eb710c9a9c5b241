package io.kiroku.collector;

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
import io.kiroku.evidence.wire.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Seals the segments of one stream as an agent does, with one file in it, and forks when told to. */
public final class PretendAgent {
    private static final int FILE = 1;
    private static final FilePath PATH = FilePath.of("/var/log/pods/shop_web-0_7f3c/web/0.log");

    /** One for all, under its own lock: its buffers are large, and tests make many agents. */
    private static final SegmentWriter WRITER = new SegmentWriter(new SecureRandom());

    private final SecureRandom random = new SecureRandom();
    private final String node;
    private final Identity identity;
    private final Octets bootId;
    private Ratchet ratchet;
    private long epoch = 1;
    private long offset;
    private boolean declared;

    public PretendAgent(String node) {
        this(node, Identity.of(SigningKey.generate(new SecureRandom())));
    }

    private PretendAgent(String node, Identity identity) {
        this.node = node;
        this.identity = identity;
        this.bootId = octets(16);
        SigningKey key = SigningKey.generate(random);
        this.ratchet =
                new Ratchet(new ChainHead(stream(), 0, 0, Octets.zero(32), key.publicKey()), key, bootId, random);
    }

    /** Another agent with the same identity and the same past, from which it goes on by itself. */
    public PretendAgent twin() {
        PretendAgent twin = new PretendAgent(node, identity);
        twin.ratchet = new Ratchet(ratchet.head(), SigningKey.of(ratchet.key().seed()), bootId, random);
        twin.epoch = epoch;
        twin.offset = offset;
        twin.declared = declared;
        return twin;
    }

    /** An agent with the same identity that has lost its ratchet's key and opens the next epoch. */
    public PretendAgent reborn() {
        PretendAgent reborn = twin();
        reborn.ratchet = new Ratchet(ratchet.head(), SigningKey.generate(random), bootId, random);
        reborn.epoch = epoch + 1;
        return reborn;
    }

    /** An agent of the same node that got the stream from this one, which can hand it over to others as well. */
    public PretendAgent heir() {
        return new PretendAgent(node, identity.handOver(SigningKey.generate(random)));
    }

    /** Goes on behind where another has come to, in the next epoch. */
    public void follow(PretendAgent other) {
        ratchet = new Ratchet(other.head(), SigningKey.generate(random), bootId, random);
        epoch = other.epoch + 1;
        offset = other.offset;
        declared = other.declared;
    }

    public Identity identity() {
        return identity;
    }

    public Octets stream() {
        return identity.stream();
    }

    public ChainHead head() {
        return ratchet.head();
    }

    /** The end of the stream as a collector tells it that has everything up to here. */
    public Frame.Head end() {
        ChainHead head = head();
        return new Frame.Head(head.sequence(), head.hash(), head.epoch(), declared ? FILE + 1 : FILE, List.of());
    }

    public Frame.Hello hello() {
        return new Frame.Hello(Frame.VERSION, stream(), node, "pretend");
    }

    /** The next segment with that log; the stream's first one is vouched for and declares the file. */
    public ByteBuffer seal(String log) {
        if (ratchet.head().sequence() == 0) {
            return seal(log, Entry.EpochReason.FIRST);
        }
        return sealBare(log);
    }

    /** The next segment, in which the identity vouches for its key. */
    public ByteBuffer seal(String log, Entry.EpochReason reason) {
        ChainHead head = ratchet.head();
        return seal(
                log,
                EpochSeal.vouch(
                        reason,
                        declared ? FILE + 1 : FILE,
                        identity,
                        node,
                        epoch,
                        head.sequence() + 1,
                        head.hash(),
                        ratchet.key().publicKey()),
                false);
    }

    /** The next segment, in which the identity vouches for its key and the file is restated; others are declared lost. */
    public ByteBuffer restate(String log, Entry.SegmentGap... lost) {
        ChainHead head = ratchet.head();
        Entry.Epoch epochEntry = EpochSeal.vouch(
                Entry.EpochReason.CONTINUES,
                FILE + 1,
                identity,
                node,
                epoch,
                head.sequence() + 1,
                head.hash(),
                ratchet.key().publicKey());
        return seal(log, epochEntry, true, lost);
    }

    /** The next segment, without anybody's word for its key. */
    public ByteBuffer sealBare(String log) {
        return seal(log, null, false);
    }

    private ByteBuffer seal(String log, Entry.@Nullable Epoch epochEntry, boolean restates, Entry.SegmentGap... lost) {
        byte[] bytes = log.getBytes(StandardCharsets.UTF_8);
        synchronized (WRITER) {
            if (epochEntry != null) {
                WRITER.preface(epochEntry);
            }
            if (!declared || restates) {
                declared = true;
                WRITER.state(new Entry.File(FILE, PATH, PATH, new FileIdentity(1, 2, 3), offset, Fingerprint.NONE));
            }
            List.of(lost).forEach(WRITER::state);
            if (bytes.length > 0) {
                WRITER.raw().put(bytes);
                WRITER.captured(FILE, offset, bytes.length);
                offset += bytes.length;
            }
            ByteBuffer sealed = ratchet.seal(WRITER, epoch, new Timestamp(offset + 1, offset + 1), restates);
            ByteBuffer copy =
                    ByteBuffer.allocate(sealed.remaining()).put(sealed).flip();
            ratchet.advance(segment(copy));
            return copy;
        }
    }

    public static Segment segment(ByteBuffer bytes) {
        try {
            return Segment.of(bytes);
        } catch (MalformedException malformed) {
            throw new AssertionError(malformed);
        }
    }

    private Octets octets(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Octets.of(bytes);
    }
}
