package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.InclusionProof;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.ReceiptCheck;
import io.kiroku.evidence.wire.Receipts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Whether the log that a bundle is proven by keeps what a receipt promised. */
public final class BundleReceipt {
    private static final int MOST_KEY = 128;

    private BundleReceipt() {}

    /**
     * Holds a bundle's log to a receipt for a segment of the bundle.
     *
     * @param collector the public key that receipts are signed with; without one, the bundle's
     * @param keys of the log that are trusted; without any, the bundle's
     * @return what is wrong; empty if the log has the entry, and continues the receipt's tree
     * @throws MalformedException if it is no bundle
     */
    public static Optional<String> against(
            Frame.Receipt receipt, Optional<Octets> collector, List<VerifierKey> keys, FileChannel archive)
            throws IOException, MalformedException {
        ZipReader zip = ZipReader.open(archive);
        SignedNote note = SignedNote.parse(zip.bytes(BundleNames.CHECKPOINT, SignedNote.MOST_BYTES));
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        List<VerifierKey> named = keys.isEmpty() ? LogWord.keys(zip) : keys;
        List<VerifierKey> known =
                named.stream().filter(key -> key.isOfLog(checkpoint.origin())).toList();
        if (known.isEmpty() && !named.isEmpty()) {
            return Optional.of(LogWord.noKeyOf(checkpoint.origin(), named.getFirst()));
        }
        if (note.verify(known) instanceof NoteVerdict.Fails fails) {
            return Optional.of("the bundle's checkpoint is not to be trusted: " + fails.sentence());
        }
        List<Octets> collectors = collector.isPresent() ? List.of(collector.get()) : collector(zip);
        Optional<String> itself = ReceiptCheck.itself(receipt, collectors, checkpoint);
        if (itself.isPresent()) {
            return itself;
        }
        Optional<String> entry = entry(zip, note, receipt);
        return entry.isPresent() ? entry : tree(zip, note, checkpoint, receipt);
    }

    private static List<Octets> collector(ZipReader zip) throws IOException, MalformedException {
        try {
            return Receipts.keys(
                    new String(zip.bytes(BundleNames.COLLECTOR_KEY, MOST_KEY), StandardCharsets.ISO_8859_1));
        } catch (MalformedException other) {
            throw new MalformedException("%s: %s".formatted(BundleNames.COLLECTOR_KEY, other.getMessage()));
        }
    }

    private static Optional<String> entry(ZipReader zip, SignedNote note, Frame.Receipt receipt)
            throws IOException, MalformedException {
        String name = BundleNames.segment(receipt.stream(), receipt.sequence());
        if (zip.find(name) == null) {
            return Optional.of(
                    "the bundle does not hold segment %d of stream %s, so it cannot say whether the log has it"
                            .formatted(receipt.sequence(), receipt.stream()));
        }
        Segment segment = Segment.of(ByteBuffer.wrap(zip.bytes(name, SegmentFormat.MOST_SEGMENT)));
        InclusionProof proof = InclusionProof.parse(
                zip.bytes(BundleNames.proof(receipt.stream(), receipt.sequence()), LogWord.MOST_PROOF));
        Octets header = Octets.take(segment.headerBytes(), segment.headerBytes().remaining());
        if (proof.index() != receipt.index()
                || !proof.checkpoint().equals(note)
                || !proof.includes(MerkleTree.leafHash(header))) {
            return Optional.of("the bundle does not prove that the log has segment %d of stream %s as entry %d"
                    .formatted(receipt.sequence(), receipt.stream(), receipt.index()));
        }
        return ReceiptCheck.entry(receipt, Sha256.of(segment.headerBytes()));
    }

    private static Optional<String> tree(ZipReader zip, SignedNote note, Checkpoint checkpoint, Frame.Receipt receipt)
            throws IOException, MalformedException {
        long size = receipt.tree().size();
        if (size == checkpoint.size()) {
            return receipt.tree().root().equals(checkpoint.root())
                    ? Optional.empty()
                    : Optional.of(ReceiptCheck.rewritten(receipt, checkpoint));
        }
        String name = BundleNames.consistency(size);
        if (zip.find(name) == null) {
            return Optional.of(
                    "the log has the segment, but the bundle has no proof that it continues the tree of %d entries that the receipt names"
                            .formatted(size));
        }
        WitnessRequest proof = WitnessRequest.parse(zip.bytes(name, LogWord.MOST_PROOF));
        boolean continues = proof.oldSize() == size
                && proof.checkpoint().equals(note)
                && ProofCheck.consistency(
                        size, checkpoint.size(), receipt.tree().root(), checkpoint.root(), proof.proof());
        return continues ? Optional.empty() : Optional.of(ReceiptCheck.rewritten(receipt, checkpoint));
    }
}
