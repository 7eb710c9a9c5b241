package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Several data under one timestamp (RFC 4998, section 4.2): a binary tree whose root is stamped, and from which each of
 * them keeps the digests that lead from its own to the root.
 */
public final class HashTree {
    /** Data under one timestamp at most. */
    public static final int MOST_LEAVES = 1 << 16;

    private final DigestAlgorithm digest;

    /** From the leaves to the root; in each the digests in the order of the data. */
    private final List<List<Octets>> levels = new ArrayList<>();

    /**
     * A tree over data.
     *
     * @param leaves their digests, 1 to {@link #MOST_LEAVES}
     */
    public HashTree(DigestAlgorithm digest, List<Octets> leaves) {
        if (leaves.isEmpty() || leaves.size() > MOST_LEAVES) {
            throw new IllegalArgumentException(
                    "a hash tree is over 1 to %d data, found %d".formatted(MOST_LEAVES, leaves.size()));
        }
        this.digest = digest;
        levels.add(List.copyOf(leaves));
        while (levels.getLast().size() > 1) {
            levels.add(above(levels.getLast()));
        }
    }

    private List<Octets> above(List<Octets> level) {
        List<Octets> parents = new ArrayList<>();
        for (int i = 0; i < level.size(); i += 2) {
            parents.add(node(digest, level.subList(i, Math.min(i + 2, level.size()))));
        }
        return parents;
    }

    /** What is to be stamped. */
    public TimestampRequest request(long nonce) {
        return TimestampRequest.ofDigest(digest, levels.getLast().getFirst(), nonce);
    }

    /**
     * An evidence record for each of the data, in their order.
     *
     * @throws MalformedException if the token is of something else, or does not hold in DER
     */
    public List<EvidenceRecord> records(TimestampToken token) throws MalformedException {
        List<EvidenceRecord> records = new ArrayList<>();
        for (int leaf = 0; leaf < levels.getFirst().size(); leaf++) {
            records.add(EvidenceRecord.of(token, digest, levels.getLast().getFirst(), reduced(leaf)));
        }
        return records;
    }

    /** The first list holds the leaf's own digest and its neighbour's, each further one the neighbour's a level above. */
    private List<List<Octets>> reduced(int leaf) {
        List<List<Octets>> reduced = new ArrayList<>();
        int place = leaf;
        for (List<Octets> level : levels.subList(0, levels.size() - 1)) {
            int neighbour = place ^ 1;
            if (neighbour < level.size()) {
                reduced.add(
                        reduced.isEmpty()
                                ? List.of(levels.getFirst().get(leaf), level.get(neighbour))
                                : List.of(level.get(neighbour)));
            }
            place >>= 1;
        }
        return reduced;
    }

    /** The root that a reduced tree leads to (RFC 4998, section 4.3); of an empty one it is the leaf. */
    static Octets root(DigestAlgorithm digest, Octets leaf, List<List<Octets>> reduced) {
        Octets node = leaf;
        for (int i = 0; i < reduced.size(); i++) {
            List<Octets> values = new ArrayList<>(reduced.get(i));
            if (i > 0) {
                values.add(node);
            }
            node = node(digest, values);
        }
        return node;
    }

    /** In the order of their bytes as unsigned numbers. */
    static List<Octets> ascending(Collection<Octets> digests) {
        return digests.stream()
                .sorted((one, other) -> Arrays.compareUnsigned(one.toArray(), other.toArray()))
                .toList();
    }

    /** The digest of all, in ascending order; one alone is itself. */
    static Octets node(DigestAlgorithm digest, Collection<Octets> values) {
        return values.size() == 1
                ? values.iterator().next()
                : digest.of(ascending(values).stream().map(Octets::toArray).toArray(byte[][]::new));
    }
}
