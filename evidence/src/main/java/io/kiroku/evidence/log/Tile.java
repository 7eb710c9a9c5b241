package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The hashes at one height of the tree, next to each other (C2SP tlog-tiles).
 *
 * @param path where it lies; no bundle
 * @param hashes as many as the path says, 32 bytes each
 */
public record Tile(TilePath path, List<Octets> hashes) {
    public Tile {
        hashes = List.copyOf(hashes);
        if (path.isBundle() || hashes.size() != path.width()) {
            throw new IllegalArgumentException("%d hashes are no %s".formatted(hashes.size(), path));
        }
    }

    /**
     * Reads a tile. One that is wider than its path says is cut.
     *
     * @throws MalformedException if it is narrower, or no whole number of hashes up to 256
     */
    public static Tile read(TilePath path, Octets bytes) throws MalformedException {
        int least = path.width() * MerkleTree.HASH;
        int length = bytes.length();
        if (length < least || length > TilePath.WIDTH * MerkleTree.HASH || length % MerkleTree.HASH != 0) {
            throw new MalformedException("expected %d bytes in %s, found %d".formatted(least, path, length));
        }
        ByteBuffer in = ByteBuffer.wrap(bytes.toArray());
        List<Octets> hashes = new ArrayList<>(path.width());
        for (int i = 0; i < path.width(); i++) {
            hashes.add(Octets.take(in, MerkleTree.HASH));
        }
        return new Tile(path, hashes);
    }

    /** The bytes that lie at the path. */
    public Octets bytes() {
        ByteBuffer out = ByteBuffer.allocate(hashes.size() * MerkleTree.HASH);
        for (Octets hash : hashes) {
            hash.writeTo(out);
        }
        return Octets.of(out.array());
    }

    /**
     * The node above 2^height hashes of the tile.
     *
     * @param first the first of them, a multiple of their number
     */
    Octets node(int height, int first) {
        if (height == 0) {
            return hashes.get(first);
        }
        return MerkleTree.nodeHash(node(height - 1, first), node(height - 1, first + (1 << (height - 1))));
    }
}
