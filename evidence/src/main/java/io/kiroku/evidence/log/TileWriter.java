package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the tiles of a tree while it grows. Holds the tiles that are not full, one for each level, and what was filled
 * since {@link #take()} was last called: 32 bytes for each entry of a batch. Who could not store what was taken resumes from
 * what is stored.
 */
public final class TileWriter {
    private final List<Level> levels = new ArrayList<>();
    private final List<Tile> filled = new ArrayList<>();

    private static final class Level {
        private final List<Octets> hashes = new ArrayList<>(TilePath.WIDTH);
        private long index;
        private boolean changed;
    }

    /** For a tree without entries. */
    public TileWriter() {}

    /** For a tree that goes on growing: its tiles that are not full are read. */
    public static TileWriter resume(TreeReader tree) throws IOException, MalformedException {
        TileWriter writer = new TileWriter();
        for (int level = 0; level <= TilePath.TOP_LEVEL; level++) {
            long hashes = TilePath.hashes(level, tree.size());
            if (hashes > 0) {
                Level resumed = writer.level(level);
                resumed.index = hashes / TilePath.WIDTH;
                if (hashes % TilePath.WIDTH > 0) {
                    resumed.hashes.addAll(tree.tile(level, resumed.index).hashes());
                }
            }
        }
        return writer;
    }

    /** Takes an entry's growth. They must come in the order of the entries, none left out. */
    public void add(Growth growth) {
        for (Growth.Node node : growth.complete()) {
            if (node.level() % TilePath.HEIGHT == 0) {
                add(node.level() / TilePath.HEIGHT, node);
            }
        }
    }

    private void add(int at, Growth.Node node) {
        Level level = level(at);
        long expected = level.index * TilePath.WIDTH + level.hashes.size();
        if (node.index() != expected) {
            throw new IllegalArgumentException(
                    "hash %d of level %d must come now, not hash %d".formatted(expected, node.level(), node.index()));
        }
        level.hashes.add(node.hash());
        level.changed = true;
        if (level.hashes.size() == TilePath.WIDTH) {
            filled.add(tile(at, level));
            level.index++;
            level.hashes.clear();
            level.changed = false;
        }
    }

    /** The tiles that are new or wider since the last call: what must be stored before a checkpoint of this size. */
    public List<Tile> take() {
        List<Tile> tiles = new ArrayList<>(filled);
        filled.clear();
        for (int at = 0; at < levels.size(); at++) {
            Level level = levels.get(at);
            if (level.changed) {
                tiles.add(tile(at, level));
                level.changed = false;
            }
        }
        return tiles;
    }

    private static Tile tile(int at, Level level) {
        return new Tile(new TilePath(at, level.index, level.hashes.size()), level.hashes);
    }

    private Level level(int at) {
        while (levels.size() <= at) {
            levels.add(new Level());
        }
        return levels.get(at);
    }
}
