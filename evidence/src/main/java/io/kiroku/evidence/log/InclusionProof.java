package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The proof, in one piece, that a log has an entry and who has seen that: C2SP tlog-proof. Files of it end with
 * {@code .tlog-proof}.
 *
 * @param extra bytes that nobody signed, for whoever made the proof and whoever reads it
 * @param index the entry's
 * @param path from the leaf's sibling to the child of the root; 63 hashes at most
 * @param checkpoint the log's, with cosignatures
 */
public record InclusionProof(Optional<Octets> extra, long index, List<Octets> path, SignedNote checkpoint) {
    private static final String FIRST = "c2sp.org/tlog-proof@v1";

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the index is negative, the path too long, or a hash is none
     */
    public InclusionProof {
        path = List.copyOf(path);
        boolean hashes = path.stream().allMatch(hash -> hash.length() == MerkleTree.HASH);
        if (index < 0 || path.size() > MerkleTree.MOST_PROOF || !hashes) {
            throw new IllegalArgumentException(
                    "a proof of entry %d with %d hashes cannot be written".formatted(index, path.size()));
        }
    }

    /**
     * Reads a proof. Whether it holds is another question.
     *
     * @throws MalformedException if it has another form
     */
    public static InclusionProof parse(byte[] bytes) throws MalformedException {
        TextLines lines = new TextLines(bytes);
        String first = lines.next("the line " + FIRST);
        if (!first.equals(FIRST)) {
            throw new MalformedException(
                    "expected the line %s, found \"%s\"".formatted(FIRST, Base64Text.brief(first)));
        }
        Optional<Octets> extra = lines.isNext("extra")
                ? Optional.of(Base64Text.decode(lines.next("extra", "extra data"), "extra data"))
                : Optional.empty();
        long index = Decimal.parse(lines.next("index", "an entry's index"), "an entry's index");
        return new InclusionProof(extra, index, lines.hashes(), lines.note());
    }

    /** The proof as it is handed over. */
    public byte[] bytes() {
        StringBuilder out = new StringBuilder(FIRST).append('\n');
        extra.ifPresent(
                octets -> out.append("extra ").append(Base64Text.encode(octets)).append('\n'));
        out.append("index ").append(index).append('\n');
        TextLines.write(path, out);
        out.append(new String(checkpoint.bytes(), StandardCharsets.UTF_8));
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Whether the entry with that leaf is in the checkpoint's tree. It says nothing of who signed the checkpoint: ask the
     * {@link Policy}.
     */
    public boolean includes(Octets leafHash) {
        try {
            Checkpoint claimed = Checkpoint.parse(checkpoint.text());
            return ProofCheck.inclusion(index, claimed.size(), leafHash, path, claimed.root());
        } catch (MalformedException noCheckpoint) {
            return false;
        }
    }
}
