package io.kiroku.evidence;

import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleVerdict;
import io.kiroku.evidence.bundle.Trust;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.InclusionProof;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.Tile;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestReader;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.time.ArchivedData;
import io.kiroku.evidence.time.EvidenceRecord;
import io.kiroku.evidence.time.StampedCheckpoint;
import io.kiroku.evidence.time.TimestampRequest;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TrustAnchors;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.Verdict;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;

/**
 * Every reader of the format on the same bytes, for a fuzzer that is guided by coverage:
 * {@code mvn -Pfuzz test -pl evidence -Dkiroku.fuzz.seconds=600}. Whatever leaves this method as an exception is a defect.
 */
public final class FuzzTarget {
    private interface Reading {
        void read(ByteBuffer bytes) throws MalformedException;
    }

    private static final SegmentCheck CHECK = new SegmentCheck();
    private static final byte[] NOTE = StampedCheckpoint.note();
    private static final ArchivedData DATA = ArchivedData.of(NOTE);
    private static final TrustAnchors ANCHORS = StampedCheckpoint.anchors();
    private static final TimestampRequest REQUEST = TimestampRequest.over(NOTE, 1);

    private static final List<Reading> READINGS = List.of(
            ManifestReader::read,
            FrameCodec::decode,
            SegmentHeader::read,
            bytes -> CHECK.check(Segment.of(bytes)),
            bytes -> Segment.of(bytes).entries(),
            bytes -> {
                Segment segment = Segment.of(bytes);
                segment.decompress(ByteBuffer.allocateDirect(segment.header().rawLength()));
            },
            bytes -> SignedNote.parse(array(bytes)).verify(List.of()),
            bytes -> InclusionProof.parse(array(bytes)).includes(MerkleTree.EMPTY),
            bytes -> WitnessRequest.parse(array(bytes)),
            bytes -> WitnessRequest.parseSize(array(bytes)),
            bytes -> WitnessRequest.parseCosignatures(array(bytes)),
            bytes -> Policy.parse(array(bytes)),
            bytes -> Checkpoint.parse(text(bytes)),
            bytes -> VerifierKey.parse(text(bytes)),
            bytes -> TilePath.parse(text(bytes)),
            bytes -> Tile.read(new TilePath(0, 0, 2), Octets.of(array(bytes))),
            bytes -> EntryBundle.read(new TilePath(TilePath.ENTRIES, 0, 2), Octets.of(array(bytes))),
            bytes -> TimestampToken.parseEither(bytes.array()).verify(NOTE, ANCHORS),
            bytes -> REQUEST.check(bytes.array()),
            bytes -> EvidenceRecord.parse(bytes.array()).verify(DATA, ANCHORS, Instant.MAX),
            bytes -> TrustAnchors.parsePem(bytes.array()),
            FuzzTarget::bundle);

    private FuzzTarget() {}

    private static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    /** A file, as bundles are read from one; it is gone with the process. */
    private static final FileChannel BUNDLE = temporary();

    private static FileChannel temporary() {
        try {
            Path file = Files.createTempFile("fuzzed", ".zip");
            return FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void bundle(ByteBuffer bytes) throws MalformedException {
        try {
            BUNDLE.truncate(0);
            BUNDLE.write(bytes, 0);
            BundleVerdict verdict = BundleCheck.check(BUNDLE, Trust.NONE, "fuzz", (_, _) -> {});
            if (verdict.report().integrity() instanceof Verdict.Fails fails) {
                throw new MalformedException(
                        "expected a bundle: " + fails.findings().getFirst());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String text(ByteBuffer bytes) {
        return new String(array(bytes), StandardCharsets.UTF_8);
    }

    /** The entry that the fuzzer looks for. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        for (Reading reading : READINGS) {
            try {
                reading.read(ByteBuffer.wrap(bytes));
            } catch (MalformedException malformed) {
                if (!String.valueOf(malformed.getMessage()).contains("expected")) {
                    throw new AssertionError("a sentence that does not say what was expected", malformed);
                }
            }
        }
    }
}
