package io.kiroku.systemtests.jmh;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.systemtests.lines.ContainerLog;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Segments such as a node makes them: many files in each, a piece of each file. */
final class Samples {
    /** Files that a segment has bytes of: as many slices as a turn of the agent reads. */
    static final int FILES = 16;

    /** Files that a node follows, all of them in a manifest that restates. */
    static final int FOLLOWED = 50;

    static final Timestamp NOW = new Timestamp(1_795_430_400_000_000_000L, 1_000_000_000L);
    static final String NODE = "worker-17.eu-central.example";

    private static final Octets BOOT = Octets.zero(16);

    private Samples() {}

    /** A ratchet at the beginning of a stream. */
    static Ratchet ratchet(Identity identity, SecureRandom random) {
        SigningKey first = SigningKey.generate(random);
        Octets stream = identity.stream();
        return new Ratchet(new ChainHead(stream, 0, 0, Octets.zero(32), first.publicKey()), first, BOOT, random);
    }

    /** Puts log bytes into the writer; again and again, as the bytes stay where they are. */
    static void fill(SegmentWriter writer, int rawBytes) {
        writer.raw().put(new ContainerLog(1).next(rawBytes)).clear();
    }

    /** Says that the writer holds so many bytes, in equal pieces of the files. */
    static void describe(SegmentWriter writer, int rawBytes) {
        int piece = rawBytes / FILES;
        writer.raw().position(piece * FILES);
        for (int file = 1; file <= FILES; file++) {
            writer.captured(file, (long) piece * file, piece);
        }
    }

    /** A segment in the midst of a stream, with so many bytes of log: chunks of files that are known. */
    static ByteBuffer segment(int rawBytes) {
        return sealed(rawBytes, false);
    }

    /** A segment at the beginning of a stream, or of an extent of a ring: it restates the files that are followed. */
    static ByteBuffer restatingSegment(int rawBytes) {
        return sealed(rawBytes, true);
    }

    private static ByteBuffer sealed(int rawBytes, boolean restates) {
        SecureRandom random = new SecureRandom();
        Identity identity = Identity.of(SigningKey.generate(random));
        Ratchet ratchet = ratchet(identity, random);
        SegmentWriter writer = new SegmentWriter(random);
        if (restates) {
            restate(writer, identity, ratchet);
        }
        fill(writer, rawBytes);
        describe(writer, rawBytes);
        return copy(ratchet.seal(writer, 1, NOW, restates));
    }

    private static void restate(SegmentWriter writer, Identity identity, Ratchet ratchet) {
        ChainHead head = ratchet.head();
        writer.preface(EpochSeal.vouch(
                Entry.EpochReason.FIRST,
                1,
                identity,
                NODE,
                1,
                1,
                head.hash(),
                ratchet.key().publicKey()));
        for (int file = 1; file <= FOLLOWED; file++) {
            FilePath path = FilePath.of(
                    "/var/log/pods/shop_checkout-7c5ddbdf54-%05d_8c2b1f0e-6a55-4d1a-9f0e-0242ac1200%02x/app/0.log"
                            .formatted(file, file));
            FileIdentity inode = new FileIdentity(0x8_0000_0001L, 1000 + file, NOW.wallNanos());
            writer.state(new Entry.File(file, path, path, inode, 1L << 20, Fingerprint.NONE));
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }
}
