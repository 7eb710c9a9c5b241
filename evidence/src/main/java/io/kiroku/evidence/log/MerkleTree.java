package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;

/**
 * The hashes of a Merkle tree over SHA-256 (RFC 9162, section 2.1.1; RFC 6962, section 2.1). Sizes and indexes are from 0
 * to 2^63 - 1.
 */
public final class MerkleTree {
    /** Bytes of a hash. */
    public static final int HASH = Sha256.LENGTH;

    /** Hashes of a proof at most, as C2SP tlog-witness has it: enough for trees of 2^62 entries. */
    public static final int MOST_PROOF = 63;

    /** The root of the tree without entries: SHA-256 of nothing. */
    public static final Octets EMPTY = Sha256.of(ByteBuffer.allocate(0));

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleTree() {}

    /** The hash of the leaf that stands for the entry: SHA-256(0x00 ‖ entry). */
    public static Octets leafHash(Octets entry) {
        return new Sha256().update(LEAF).update(entry.toArray()).finish();
    }

    /** The hash of a node above two others: SHA-256(0x01 ‖ left ‖ right). */
    public static Octets nodeHash(Octets left, Octets right) {
        ByteBuffer message = ByteBuffer.allocate(1 + 2 * HASH).put(NODE);
        left.writeTo(message);
        right.writeTo(message);
        return Sha256.of(message.flip());
    }

    /** Where a tree of more than one entry is split: the largest power of two below the size. */
    static long split(long size) {
        return Long.highestOneBit(size - 1);
    }

    /** Whether the tree has a power of two of entries, so that its root is one node. */
    static boolean isPerfect(long size) {
        return Long.bitCount(size) == 1;
    }
}
