package io.kiroku.collector.trust;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.RightEdge;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds the records of a store to the checkpoint that its log published last: each to its entry, and all entries to the
 * checkpoint's root. Whoever rewrites records, even with keys of his own, has to have the log's keys as well, and then
 * meets those who have seen its checkpoints. For use by one thread.
 */
public final class LogAgreement implements StoreVerification.Commitment {
    private final TreeHead published;
    private final TreeReader tree;
    private final List<String> faults = new ArrayList<>();

    /** The tree of the entries so far; of one whose record is another, or gone, the log's own word for it. */
    private RightEdge edge = RightEdge.EMPTY;

    private boolean unreadable;

    private LogAgreement(TreeHead published, LogFiles files) {
        this.published = published;
        this.tree = new TreeReader(published.size(), files);
    }

    /** Reads the checkpoint of a collector's data. A log that has published nothing speaks against nothing. */
    public static LogAgreement of(Path data) throws IOException {
        LogFiles files = new LogFiles(new DiskDirectory(data.resolve("log")));
        Octets note = files.checkpoint();
        if (note == null) {
            return new LogAgreement(new TreeHead(0, MerkleTree.EMPTY), files);
        }
        try {
            SignedNote signed = SignedNote.parse(note.toArray());
            Checkpoint checkpoint = Checkpoint.parse(signed.text());
            LogAgreement agreement = new LogAgreement(new TreeHead(checkpoint.size(), checkpoint.root()), files);
            if (!(signed.verify(LogKeys.published(data)) instanceof NoteVerdict.Holds)) {
                agreement.faults.add("the log's checkpoint is not signed by the keys in log.vkey");
            }
            return agreement;
        } catch (MalformedException damaged) {
            LogAgreement agreement = new LogAgreement(new TreeHead(0, MerkleTree.EMPTY), files);
            agreement.faults.add("the log's checkpoint is damaged: " + damaged.getMessage());
            return agreement;
        }
    }

    @Override
    public Optional<String> objection(long number, ByteBuffer header) {
        if (number < 1 || number > published.size() || unreadable) {
            return Optional.empty();
        }
        fill(number - 1);
        Optional<Octets> logged = entry(number - 1);
        if (logged.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer bytes = header.duplicate();
        Octets leaf = MerkleTree.leafHash(Octets.take(bytes, bytes.remaining()));
        if (edge.size() == number - 1) {
            edge = edge.append(logged.get()).edge();
        }
        return leaf.equals(logged.get())
                ? Optional.empty()
                : Optional.of("the log has another segment as its entry %d".formatted(number - 1));
    }

    @Override
    public List<String> objections(long last) {
        List<String> all = new ArrayList<>(faults);
        if (last < published.size()) {
            all.add("the log has published %d records, the store ends with record %d"
                    .formatted(published.size(), last));
        }
        fill(published.size());
        if (!unreadable && !edge.root().equals(published.root())) {
            all.add("the log's tiles do not give the root of its checkpoint of %d entries".formatted(published.size()));
        }
        if (unreadable) {
            all.add("the log's tiles cannot be read, from entry %d on".formatted(edge.size()));
        }
        return all;
    }

    /** Of records that are not there the log's word is taken, so that the others can still be held to the root. */
    private void fill(long size) {
        while (edge.size() < size && !unreadable) {
            entry(edge.size()).ifPresent(hash -> edge = edge.append(hash).edge());
        }
    }

    private Optional<Octets> entry(long index) {
        try {
            return Optional.of(tree.leafHash(index));
        } catch (IOException | MalformedException damaged) {
            unreadable = true;
            return Optional.empty();
        }
    }
}
