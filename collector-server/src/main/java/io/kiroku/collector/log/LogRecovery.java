package io.kiroku.collector.log;

import io.kiroku.evidence.log.BundleWriter;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.RightEdge;
import io.kiroku.evidence.log.Tile;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TileSource;
import io.kiroku.evidence.log.TileWriter;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds where a log goes on after whatever happened to it. Believed are full tiles, which were on stable storage before a
 * checkpoint counted on them; what lies above them follows from them. The entries behind the last full bundle, 255 at
 * most, come from the bundle that is not full, or from the store. All of it must give the root of the last checkpoint.
 */
final class LogRecovery {
    /**
     * A log as it can be continued.
     *
     * @param edge the tree of the full bundles' entries
     * @param tail the entries behind them, up to the size that was published
     * @param made the tiles above the full ones that are not full: what lies in their places may be torn
     */
    record Recovered(
            RightEdge edge,
            TileWriter tiles,
            BundleWriter bundles,
            List<Octets> tail,
            List<Tile> made,
            PublishedLog published) {}

    private final LogFiles files;
    private final LogSigners signers;
    private final Records records;
    private final long lastRecord;

    LogRecovery(LogFiles files, LogSigners signers, Records records, long lastRecord) {
        this.files = files;
        this.signers = signers;
        this.records = records;
        this.lastRecord = lastRecord;
    }

    Recovered run() throws IOException {
        Octets note = files.checkpoint();
        PublishedLog published = note == null
                ? new PublishedLog(new TreeHead(0, MerkleTree.EMPTY), Octets.of(new byte[0]))
                : signers.read(note);
        long size = published.tree().size();
        if (size > lastRecord) {
            throw new IOException(
                    "the log in %s has published %d records, the store has %d: the store was taken back, and to go on from"
                                    .formatted(files, size, lastRecord)
                            + " there would be a fork of the log. Put back the newer volumes; or move the log away,"
                            + " and begin another under another name");
        }
        long base = size - size % TilePath.WIDTH;
        FullTiles full = new FullTiles(files);
        try {
            TreeReader tree = new TreeReader(base, full);
            RightEdge edge = tree.edge();
            List<Octets> tail = tail(edge, published.tree());
            return new Recovered(
                    edge,
                    TileWriter.resume(tree),
                    BundleWriter.resume(base, files),
                    tail,
                    partialTiles(base, full),
                    published);
        } catch (MalformedException damaged) {
            throw new IOException("the log in %s is damaged: %s".formatted(files, damaged.getMessage()));
        }
    }

    private static List<Tile> partialTiles(long base, FullTiles full) throws IOException, MalformedException {
        List<Tile> tiles = new ArrayList<>();
        for (int level = 1; level <= TilePath.TOP_LEVEL; level++) {
            long hashes = TilePath.hashes(level, base);
            if (hashes % TilePath.WIDTH > 0) {
                TilePath path = TilePath.in(level, hashes / TilePath.WIDTH, base);
                tiles.add(Tile.read(path, full.read(path)));
            }
        }
        return tiles;
    }

    /** The entries that lead from the full bundles to what was published. */
    private List<Octets> tail(RightEdge edge, TreeHead published) throws IOException {
        List<Octets> bundled = bundled(edge.size(), published.size());
        if (leads(edge, bundled, published)) {
            return bundled;
        }
        List<Octets> stored = new ArrayList<>();
        records.from(edge.size() + 1, (number, header) -> {
            if (number <= published.size()) {
                fill(stored, number - 1 - edge.size());
                stored.add(header);
            }
        });
        fill(stored, published.size() - edge.size());
        if (!leads(edge, stored, published)) {
            throw new IOException(
                    "the log in %s and the store do not give the root that the checkpoint of size %d states: one of them was"
                                    .formatted(files, published.size())
                            + " changed or damaged, and a log that went on from there would be a fork. Put back what is"
                            + " missing; or move the log away, and begin another under another name");
        }
        return stored;
    }

    /** A record that is lost has an empty entry. */
    private static void fill(List<Octets> entries, long size) {
        while (entries.size() < size) {
            entries.add(TransparencyLog.LOST);
        }
    }

    private List<Octets> bundled(long base, long size) throws IOException {
        if (size == base) {
            return List.of();
        }
        TilePath path = TilePath.in(TilePath.ENTRIES, base / TilePath.WIDTH, size);
        try {
            return EntryBundle.read(path, files.read(path)).entries();
        } catch (MalformedException | NoSuchFileException tornByACrash) {
            return List.of();
        }
    }

    private static boolean leads(RightEdge from, List<Octets> entries, TreeHead to) {
        RightEdge edge = from;
        for (Octets entry : entries) {
            edge = edge.append(MerkleTree.leafHash(entry)).edge();
        }
        return edge.size() == to.size() && edge.root().equals(to.root());
    }

    /** Full tiles as they lie there; of those that are not full each hash is made again from the full tile beneath it. */
    private record FullTiles(LogFiles files) implements TileSource {
        @Override
        public Octets read(TilePath path) throws IOException {
            if (!path.isPartial()) {
                return files.read(path);
            }
            if (path.level() < 1) {
                throw new IllegalStateException("a tree of full bundles has no " + path);
            }
            List<Octets> hashes = new ArrayList<>();
            for (int i = 0; i < path.width(); i++) {
                TilePath beneath = new TilePath(path.level() - 1, path.index() * TilePath.WIDTH + i, TilePath.WIDTH);
                hashes.add(root(beneath));
            }
            return new Tile(path, hashes).bytes();
        }

        private Octets root(TilePath full) throws IOException {
            try {
                RightEdge edge = RightEdge.EMPTY;
                for (Octets hash : Tile.read(full, files.read(full)).hashes()) {
                    edge = edge.append(hash).edge();
                }
                return edge.root();
            } catch (MalformedException damaged) {
                throw new IOException("the log in %s is damaged: %s".formatted(files, damaged.getMessage()));
            }
        }
    }
}
