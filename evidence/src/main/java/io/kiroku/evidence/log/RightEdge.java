package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;

/**
 * As much of a tree as its growth needs: the roots of the perfect subtrees that it consists of, one for each bit of its
 * size, 63 at most. Another entry costs two hashes on average, however many there are. Immutable, so that a tree whose
 * growth could not be stored is still there as it was.
 */
public final class RightEdge {
    /** The tree without entries. */
    public static final RightEdge EMPTY = new RightEdge(0, List.of());

    private final long size;
    private final List<Octets> subtrees;

    private RightEdge(long size, List<Octets> subtrees) {
        this.size = size;
        this.subtrees = subtrees;
    }

    /**
     * The tree of that size.
     *
     * @param subtrees the roots of its perfect subtrees from left to right, the largest first
     * @throws IllegalArgumentException if there are not as many as the size has bits
     */
    public static RightEdge of(long size, List<Octets> subtrees) {
        if (size < 0 || Long.bitCount(size) != subtrees.size()) {
            throw new IllegalArgumentException(
                    "a tree of %d entries does not consist of %d perfect subtrees".formatted(size, subtrees.size()));
        }
        return new RightEdge(size, List.copyOf(subtrees));
    }

    /** Entries in the tree. */
    public long size() {
        return size;
    }

    /** The tree with one more entry, whose leaf has that hash. */
    public Growth append(Octets leafHash) {
        if (size == Long.MAX_VALUE) {
            throw new IllegalStateException("a tree has at most 2^63 - 1 entries");
        }
        List<Octets> left = new ArrayList<>(subtrees);
        List<Growth.Node> complete = new ArrayList<>();
        Octets hash = leafHash;
        complete.add(new Growth.Node(0, size, hash));
        for (int level = 0; (size >>> level & 1) == 1; level++) {
            hash = MerkleTree.nodeHash(left.removeLast(), hash);
            complete.add(new Growth.Node(level + 1, size >>> (level + 1), hash));
        }
        left.add(hash);
        return new Growth(new RightEdge(size + 1, List.copyOf(left)), complete);
    }

    /** The root of the tree. */
    public Octets root() {
        if (subtrees.isEmpty()) {
            return MerkleTree.EMPTY;
        }
        Octets root = subtrees.getLast();
        for (Octets subtree : subtrees.reversed().subList(1, subtrees.size())) {
            root = MerkleTree.nodeHash(subtree, root);
        }
        return root;
    }
}
