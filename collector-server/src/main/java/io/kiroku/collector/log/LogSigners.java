package io.kiroku.collector.log;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Who signs a log's checkpoints. All of them sign each, so that whoever trusts one is served.
 *
 * @param origin the log's name, which is also that of its keys
 * @param signers one or more
 * @param former keys that signed before, and do not any more
 */
public record LogSigners(String origin, List<NoteSigner> signers, List<VerifierKey> former) {
    public LogSigners {
        signers = List.copyOf(signers);
        former = List.copyOf(former);
    }

    /** Those of a log whose keys were never replaced. */
    public LogSigners(String origin, List<NoteSigner> signers) {
        this(origin, signers, List.of());
    }

    /** What others check the checkpoints of now by. */
    public List<VerifierKey> signing() {
        return signers.stream().map(NoteSigner::verifierKey).toList();
    }

    /** What others check the checkpoints of all times by: first those of now. */
    public List<VerifierKey> verifierKeys() {
        List<VerifierKey> all = new ArrayList<>(signing());
        all.addAll(former);
        return all;
    }

    PublishedLog sign(TreeHead tree, long seconds) {
        Checkpoint checkpoint = new Checkpoint(origin, tree.size(), tree.root());
        try {
            SignedNote note = SignedNote.sign(checkpoint.text(), seconds, signers.toArray(NoteSigner[]::new));
            return new PublishedLog(tree, Octets.of(note.bytes()));
        } catch (MalformedException impossible) {
            throw new IllegalStateException("a checkpoint of our own cannot be signed", impossible);
        }
    }

    /**
     * Reads a checkpoint that was signed here.
     *
     * @throws IOException if it is none, or was signed by others
     */
    PublishedLog read(Octets note) throws IOException {
        try {
            SignedNote signed = SignedNote.parse(note.toArray());
            if (signed.verify(verifierKeys()) instanceof NoteVerdict.Fails(String sentence)) {
                throw new MalformedException(sentence);
            }
            Checkpoint checkpoint = Checkpoint.parse(signed.text());
            if (!checkpoint.origin().equals(origin)) {
                throw new MalformedException("expected the origin %s, found %s".formatted(origin, checkpoint.origin()));
            }
            return new PublishedLog(new TreeHead(checkpoint.size(), checkpoint.root()), note);
        } catch (MalformedException foreign) {
            throw new IOException("the log's checkpoint is not one of this collector: " + foreign.getMessage());
        }
    }
}
