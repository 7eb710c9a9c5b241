package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A tree whose tiles lie somewhere else: its roots and proofs at every size that it ever had (RFC 9162, sections 2.1.1,
 * 2.1.3.1 and 2.1.4.1). Tiles are not checked; what is made of wrong ones proves nothing. Keeps the tiles that it read
 * last. Not for use by several threads at once.
 */
public final class TreeReader {
    private static final int KEPT = 64;

    private final long size;
    private final TileSource tiles;
    private final Map<TilePath, Tile> kept = new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<TilePath, Tile> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * A tree of that size.
     *
     * @param size its entries; tiles are read as wide as they are at this size
     */
    public TreeReader(long size, TileSource tiles) {
        if (size < 0) {
            throw new IllegalArgumentException("a tree does not have %d entries".formatted(size));
        }
        this.size = size;
        this.tiles = tiles;
    }

    /** Entries in the tree. */
    public long size() {
        return size;
    }

    /**
     * The root of the first {@code at} entries.
     *
     * @throws IndexOutOfBoundsException if the tree has not as many entries
     */
    public Octets root(long at) throws IOException, MalformedException {
        checkSize(at);
        return at == 0 ? MerkleTree.EMPTY : root(0, at);
    }

    /** The hash of an entry's leaf. */
    public Octets leafHash(long index) throws IOException, MalformedException {
        return node(0, Objects.checkIndex(index, size));
    }

    /**
     * The path that proves the entry's place in the tree of the first {@code at} entries, from the leaf upwards.
     *
     * @throws IndexOutOfBoundsException if the index is not below {@code at}, or the tree has not as many entries
     */
    public List<Octets> inclusion(long index, long at) throws IOException, MalformedException {
        checkSize(at);
        Objects.checkIndex(index, at);
        List<Octets> path = new ArrayList<>();
        long from = 0;
        long to = at;
        while (to - from > 1) {
            long middle = from + MerkleTree.split(to - from);
            if (index < middle) {
                path.add(root(middle, to));
                to = middle;
            } else {
                path.add(root(from, middle));
                from = middle;
            }
        }
        return path.reversed();
    }

    /**
     * The path that proves that the tree of {@code at} entries begins with the smaller one's. It is empty between trees
     * of one size.
     *
     * @throws IndexOutOfBoundsException if {@code smaller} is not from 1 to {@code at}, or the tree has not as many entries
     */
    public List<Octets> consistency(long smaller, long at) throws IOException, MalformedException {
        checkSize(at);
        Objects.checkIndex(smaller - 1, at);
        List<Octets> path = new ArrayList<>();
        long from = 0;
        long to = at;
        while (smaller < to) {
            long middle = from + MerkleTree.split(to - from);
            if (smaller <= middle) {
                path.add(root(middle, to));
                to = middle;
            } else {
                path.add(root(from, middle));
                from = middle;
            }
        }
        // What is left is a subtree of both trees. Where it is all of the smaller one, its root is known already.
        if (from > 0) {
            path.add(root(from, to));
        }
        return path.reversed();
    }

    /** What the tree grows from. It is made of tiles: its root must be that of the checkpoint of this size. */
    public RightEdge edge() throws IOException, MalformedException {
        List<Octets> subtrees = new ArrayList<>();
        long from = 0;
        while (from < size) {
            long entries = Long.highestOneBit(size - from);
            subtrees.add(root(from, from + entries));
            from += entries;
        }
        return RightEdge.of(size, subtrees);
    }

    private void checkSize(long at) {
        Objects.checkFromToIndex(0, at, size);
    }

    /** The root over the entries from and to: a subtree, so that {@code from} is a multiple of a power of two. */
    private Octets root(long from, long to) throws IOException, MalformedException {
        long entries = to - from;
        if (MerkleTree.isPerfect(entries)) {
            int level = Long.numberOfTrailingZeros(entries);
            return node(level, from >>> level);
        }
        long middle = from + MerkleTree.split(entries);
        return MerkleTree.nodeHash(root(from, middle), root(middle, to));
    }

    private Octets node(int level, long index) throws IOException, MalformedException {
        int height = level % TilePath.HEIGHT;
        long first = index << height;
        Tile tile = tile(level / TilePath.HEIGHT, first / TilePath.WIDTH);
        return tile.node(height, (int) (first % TilePath.WIDTH));
    }

    Tile tile(int level, long index) throws IOException, MalformedException {
        TilePath path = TilePath.in(level, index, size);
        Tile tile = kept.get(path);
        if (tile == null) {
            tile = Tile.read(path, tiles.read(path));
            kept.put(path, tile);
        }
        return tile;
    }
}
