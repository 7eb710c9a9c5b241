package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a proof proves what it is shown for. Whatever the numbers and hashes are, the answer is true or false and never
 * an exception.
 */
public final class ProofCheck {
    private ProofCheck() {}

    /**
     * Whether the tree of that size and root has the leaf at the index (RFC 9162, section 2.1.3.2).
     *
     * @param path from the leaf's sibling to the child of the root
     */
    public static boolean inclusion(long index, long size, Octets leafHash, List<Octets> path, Octets root) {
        if (index < 0 || index >= size || !areHashes(path, leafHash, root)) {
            return false;
        }
        Climb climb = new Climb(index, size - 1);
        Octets hash = leafHash;
        for (Octets sibling : path) {
            if (climb.isAtRoot()) {
                return false;
            }
            hash = climb.isRightOf() ? MerkleTree.nodeHash(sibling, hash) : MerkleTree.nodeHash(hash, sibling);
            climb.up();
        }
        return climb.isAtRoot() && hash.equals(root);
    }

    /**
     * Whether the larger tree begins with all entries of the smaller one (RFC 9162, section 2.1.4.2). Trees of one size
     * are consistent if their roots are the same, with an empty path. From the tree without entries nothing can be
     * proven: every tree begins with no entries.
     */
    public static boolean consistency(long from, long to, Octets fromRoot, Octets toRoot, List<Octets> path) {
        if (from < 1 || from > to || !areHashes(path, fromRoot, toRoot)) {
            return false;
        }
        if (from == to) {
            return path.isEmpty() && fromRoot.equals(toRoot);
        }
        if (path.isEmpty()) {
            return false;
        }
        List<Octets> hashes = new ArrayList<>(path);
        if (MerkleTree.isPerfect(from)) {
            hashes.addFirst(fromRoot);
        }
        return climb(from, to, fromRoot, toRoot, hashes);
    }

    private static boolean climb(long from, long to, Octets fromRoot, Octets toRoot, List<Octets> hashes) {
        Climb climb = new Climb(from - 1, to - 1);
        climb.overPerfectSubtree();
        Octets smaller = hashes.getFirst();
        Octets larger = smaller;
        for (Octets hash : hashes.subList(1, hashes.size())) {
            if (climb.isAtRoot()) {
                return false;
            }
            if (climb.isRightOf()) {
                smaller = MerkleTree.nodeHash(hash, smaller);
                larger = MerkleTree.nodeHash(hash, larger);
            } else {
                larger = MerkleTree.nodeHash(larger, hash);
            }
            climb.up();
        }
        return climb.isAtRoot() && smaller.equals(fromRoot) && larger.equals(toRoot);
    }

    private static boolean areHashes(List<Octets> path, Octets... others) {
        for (Octets hash : others) {
            if (hash.length() != MerkleTree.HASH) {
                return false;
            }
        }
        return path.size() <= MerkleTree.MOST_PROOF && path.stream().allMatch(hash -> hash.length() == MerkleTree.HASH);
    }

    /** The way from a node to the root: RFC 9162 calls the two numbers fn and sn. */
    private static final class Climb {
        private long node;
        private long last;

        Climb(long node, long last) {
            this.node = node;
            this.last = last;
        }

        boolean isAtRoot() {
            return last == 0;
        }

        /** Whether the next hash of the path stands to the left. A node without a right sibling is passed on upwards. */
        boolean isRightOf() {
            return isOdd() || node == last;
        }

        void up() {
            if (isRightOf()) {
                while (!isOdd() && node != 0) {
                    step();
                }
            }
            step();
        }

        void overPerfectSubtree() {
            while (isOdd()) {
                step();
            }
        }

        private boolean isOdd() {
            return (node & 1) == 1;
        }

        private void step() {
            node >>>= 1;
            last >>>= 1;
        }
    }
}
