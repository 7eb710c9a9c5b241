package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a log asks of a witness: the body of {@code POST <prefix>/add-checkpoint} (C2SP tlog-witness).
 *
 * @param oldSize entries in the tree that the witness cosigned last, from 0
 * @param proof that the new tree begins with that one; empty if the old size is 0
 * @param checkpoint what is to be cosigned, signed by the log
 */
public record WitnessRequest(long oldSize, List<Octets> proof, SignedNote checkpoint) {
    /** The type of an answer that gives a size, as HTTP names it. */
    public static final String SIZE_TYPE = "text/x.tlog.size";

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the size is negative, the proof too long, or a hash is none
     */
    public WitnessRequest {
        proof = List.copyOf(proof);
        boolean hashes = proof.stream().allMatch(hash -> hash.length() == MerkleTree.HASH);
        if (oldSize < 0 || proof.size() > MerkleTree.MOST_PROOF || !hashes) {
            throw new IllegalArgumentException(
                    "a proof from %d entries with %d hashes cannot be sent".formatted(oldSize, proof.size()));
        }
    }

    /**
     * Reads a request.
     *
     * @throws MalformedException if it has another form
     */
    public static WitnessRequest parse(byte[] bytes) throws MalformedException {
        TextLines lines = new TextLines(bytes);
        long oldSize = Decimal.parse(lines.next("old", "the old size"), "the old size");
        return new WitnessRequest(oldSize, lines.hashes(), lines.note());
    }

    /** The body of the request. */
    public byte[] bytes() {
        StringBuilder out = new StringBuilder("old ").append(oldSize).append('\n');
        TextLines.write(proof, out);
        out.append(new String(checkpoint.bytes(), StandardCharsets.UTF_8));
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads the cosignatures that a witness answers with. They are not looked at yet: put them behind the checkpoint's
     * own, and verify that.
     *
     * @throws MalformedException if they have another form, or are more than a note may have
     */
    public static List<SignedNote.Signature> parseCosignatures(byte[] answer) throws MalformedException {
        return SignedNote.parseSignatures(SignedNote.decode(answer));
    }

    /**
     * Reads the size that a witness answers with when it has another tree in mind.
     *
     * @throws MalformedException if it is none
     */
    public static long parseSize(byte[] answer) throws MalformedException {
        TextLines lines = new TextLines(answer);
        long size = Decimal.parse(lines.next("a witness's size"), "a witness's size");
        lines.end();
        return size;
    }
}
