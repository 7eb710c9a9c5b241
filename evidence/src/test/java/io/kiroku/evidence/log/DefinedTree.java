package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;

/** RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, word for word: it has all leaves, and hashes all of them each time. */
final class DefinedTree {
    private DefinedTree() {}

    /** MTH. */
    static Octets root(List<Octets> leaves) {
        if (leaves.isEmpty()) {
            return MerkleTree.EMPTY;
        }
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        int k = k(leaves);
        return MerkleTree.nodeHash(root(leaves.subList(0, k)), root(leaves.subList(k, leaves.size())));
    }

    /** PATH. */
    static List<Octets> inclusion(int m, List<Octets> leaves) {
        if (leaves.size() == 1) {
            return List.of();
        }
        int k = k(leaves);
        List<Octets> left = leaves.subList(0, k);
        List<Octets> right = leaves.subList(k, leaves.size());
        return m < k ? and(inclusion(m, left), root(right)) : and(inclusion(m - k, right), root(left));
    }

    /** PROOF. */
    static List<Octets> consistency(int m, List<Octets> leaves) {
        return subproof(m, leaves, true);
    }

    private static List<Octets> subproof(int m, List<Octets> leaves, boolean whole) {
        if (m == leaves.size()) {
            return whole ? List.of() : List.of(root(leaves));
        }
        int k = k(leaves);
        List<Octets> left = leaves.subList(0, k);
        List<Octets> right = leaves.subList(k, leaves.size());
        return m <= k ? and(subproof(m, left, whole), root(right)) : and(subproof(m - k, right, false), root(left));
    }

    private static int k(List<Octets> leaves) {
        int k = 1;
        while (2 * k < leaves.size()) {
            k *= 2;
        }
        return k;
    }

    private static List<Octets> and(List<Octets> path, Octets hash) {
        List<Octets> longer = new ArrayList<>(path);
        longer.add(hash);
        return longer;
    }
}
