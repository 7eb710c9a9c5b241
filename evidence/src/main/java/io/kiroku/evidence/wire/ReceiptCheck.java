package io.kiroku.evidence.wire;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.log.TileSource;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether a log keeps what a receipt promised. Each way to fail is one sentence. */
public final class ReceiptCheck {
    private ReceiptCheck() {}

    /**
     * Holds a whole log to a receipt.
     *
     * @param collector the public keys that receipts are and were signed with
     * @param checkpoint the log's, whose signature is for the caller to check
     * @param log its tiles and bundles; none of them is believed before the checkpoint's root proves it
     * @return what is wrong; empty if the log has the entry, and continues the receipt's tree
     * @throws IOException if the log's files cannot be read
     */
    public static Optional<String> against(
            Frame.Receipt receipt, List<Octets> collector, Checkpoint checkpoint, TileSource log) throws IOException {
        Optional<String> itself = itself(receipt, collector, checkpoint);
        if (itself.isPresent()) {
            return itself;
        }
        TreeReader tree = new TreeReader(checkpoint.size(), log);
        try {
            if (!tree.root(checkpoint.size()).equals(checkpoint.root())) {
                return Optional.of("the log's files do not make the root that its checkpoint states");
            }
            if (!tree.root(receipt.tree().size()).equals(receipt.tree().root())) {
                return Optional.of(rewritten(receipt, checkpoint));
            }
            Octets entry = EntryBundle.entry(receipt.index(), checkpoint.size(), log);
            Octets leaf = MerkleTree.leafHash(entry);
            boolean included = ProofCheck.inclusion(
                    receipt.index(),
                    checkpoint.size(),
                    leaf,
                    tree.inclusion(receipt.index(), checkpoint.size()),
                    checkpoint.root());
            return included
                    ? entry(receipt, Sha256.of(ByteBuffer.wrap(entry.toArray())))
                    : Optional.of("entry %d of the log's files is not the one in its tree".formatted(receipt.index()));
        } catch (MalformedException damaged) {
            return Optional.of("the log is damaged: " + damaged.getMessage());
        }
    }

    /** What can be said without the log's entries. */
    public static Optional<String> itself(Frame.Receipt receipt, List<Octets> collector, Checkpoint checkpoint) {
        if (!Receipts.holds(receipt, collector)) {
            return Optional.of("the receipt is not signed by the collector's key "
                    + collector.stream().map(Octets::brief).collect(Collectors.joining(" or ")));
        }
        long size = receipt.tree().size();
        if (receipt.index() < 0 || receipt.index() >= size) {
            return Optional.of("the receipt contradicts itself: it names entry %d of a tree of %d entries"
                    .formatted(receipt.index(), size));
        }
        if (size > checkpoint.size()) {
            return Optional.of("the log has %d entries, and had %d when the receipt was given: entries were taken away"
                    .formatted(checkpoint.size(), size));
        }
        return Optional.empty();
    }

    /** The log's tree does not begin with the receipt's. */
    public static String rewritten(Frame.Receipt receipt, Checkpoint checkpoint) {
        return "the log was rewritten: its tree of %d entries does not continue the one of %d that the receipt names"
                .formatted(checkpoint.size(), receipt.tree().size());
    }

    /** Whether the entry whose SHA-256 that is, is the receipt's. */
    public static Optional<String> entry(Frame.Receipt receipt, Octets sha256) {
        return sha256.equals(receipt.hash())
                ? Optional.empty()
                : Optional.of("the log lacks segment %d of stream %s: entry %d, which the receipt names, is another"
                        .formatted(receipt.sequence(), receipt.stream(), receipt.index()));
    }
}
