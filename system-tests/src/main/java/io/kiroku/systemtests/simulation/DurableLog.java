package io.kiroku.systemtests.simulation;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The collector's log held against every receipt that it gave: what a power failure would leave of the checkpoint counts the
 * segment already, no size ever has two roots, and in the end one tree begins with all that were named.
 */
final class DurableLog {
    static final String DIRECTORY = "log";
    private static final String CHECKPOINT = DIRECTORY + "/checkpoint";

    private final SimDisk disk;
    private final Supplier<LogFiles> files;
    private final Map<Long, Octets> roots = new TreeMap<>();
    private final List<Frame.Receipt> receipts = new ArrayList<>();

    DurableLog(SimDisk disk, Supplier<LogFiles> files) {
        this.disk = disk;
        this.files = files;
    }

    /** A receipt is about to be sent. */
    void checkReceipt(Frame.Receipt receipt) {
        SimContent content = disk.content(CHECKPOINT);
        long size = content == null ? 0 : checkpoint(content.durable()).size();
        Violation.unless(
                receipt.index() < receipt.tree().size() && receipt.tree().size() <= size,
                "a receipt names entry %d of a log of %d, and the checkpoint on stable storage has %d",
                receipt.index(),
                receipt.tree().size(),
                size);
        Octets known = roots.putIfAbsent(receipt.tree().size(), receipt.tree().root());
        Violation.unless(
                known == null || known.equals(receipt.tree().root()),
                "the log had two roots at size %d",
                receipt.tree().size());
        receipts.add(receipt);
    }

    /** The disk was lost, and the log's memory with it. */
    void lost() {
        roots.clear();
        receipts.clear();
    }

    /** All is over: the log that is there is the one that all receipts were given for. */
    void checkAll() {
        SimContent content = disk.content(CHECKPOINT);
        if (content == null) {
            Violation.unless(receipts.isEmpty(), "receipts were given, and there is no log");
            return;
        }
        Checkpoint checkpoint = checkpoint(content.durable());
        try {
            LogFiles log = files.get();
            TreeReader tree = new TreeReader(checkpoint.size(), log);
            Violation.unless(
                    tree.root(checkpoint.size()).equals(checkpoint.root()), "the log's tiles do not give its root");
            for (Map.Entry<Long, Octets> seen : roots.entrySet()) {
                Violation.unless(
                        tree.root(seen.getKey()).equals(seen.getValue()),
                        "the log does not begin with the tree of size %d that a receipt names",
                        seen.getKey());
            }
            for (Frame.Receipt receipt : receipts) {
                checkEntry(log, tree, receipt);
            }
        } catch (IOException | MalformedException e) {
            throw new Violation("the log cannot be read: " + e, e);
        }
    }

    private static void checkEntry(LogFiles log, TreeReader tree, Frame.Receipt receipt)
            throws IOException, MalformedException {
        Octets entry = EntryBundle.entry(receipt.index(), tree.size(), log);
        Violation.unless(
                Sha256.of(ByteBuffer.wrap(entry.toArray())).equals(receipt.hash())
                        && MerkleTree.leafHash(entry).equals(tree.leafHash(receipt.index())),
                "the log's entry %d is not the segment %d that a receipt names there",
                receipt.index(),
                receipt.sequence());
    }

    private static Checkpoint checkpoint(byte[] note) {
        try {
            return Checkpoint.parse(SignedNote.parse(note).text());
        } catch (MalformedException e) {
            throw new Violation("the log's checkpoint is none", e);
        }
    }
}
