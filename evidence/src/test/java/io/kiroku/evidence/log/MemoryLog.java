package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A log whose files are in memory: everything that was ever written, partial tiles included. */
public final class MemoryLog implements TileSource {
    private final Map<TilePath, Octets> files = new LinkedHashMap<>();
    private final List<Octets> leaves = new ArrayList<>();
    private RightEdge edge = RightEdge.EMPTY;
    private TileWriter tiles = new TileWriter();
    private BundleWriter bundles = new BundleWriter();

    static MemoryLog of(int size) {
        MemoryLog log = new MemoryLog();
        for (int i = 0; i < size; i++) {
            log.append(entry(i));
        }
        return log.publish();
    }

    static Octets entry(long index) {
        return Octets.of(("entry " + index).getBytes(StandardCharsets.UTF_8));
    }

    public MemoryLog append(Octets entry) {
        Octets leaf = MerkleTree.leafHash(entry);
        Growth growth = edge.append(leaf);
        tiles.add(growth);
        bundles.add(entry);
        leaves.add(leaf);
        edge = growth.edge();
        return this;
    }

    /** Writes what came since the last time. */
    public MemoryLog publish() {
        for (Tile tile : tiles.take()) {
            files.put(tile.path(), tile.bytes());
        }
        for (EntryBundle bundle : bundles.take()) {
            files.put(bundle.path(), bundle.bytes());
        }
        return this;
    }

    /** As if the process had ended and another went on with the files. */
    MemoryLog restart() throws IOException, MalformedException {
        TreeReader tree = reader();
        edge = tree.edge();
        tiles = TileWriter.resume(tree);
        bundles = BundleWriter.resume(tree.size(), this);
        return this;
    }

    public TreeReader reader() {
        return new TreeReader(edge.size(), this);
    }

    public RightEdge edge() {
        return edge;
    }

    List<Octets> leaves() {
        return leaves;
    }

    Map<TilePath, Octets> files() {
        return files;
    }

    @Override
    public Octets read(TilePath path) throws IOException {
        Octets bytes = files.get(path);
        if (bytes == null) {
            throw new IOException("nothing was ever written to " + path);
        }
        return bytes;
    }
}
