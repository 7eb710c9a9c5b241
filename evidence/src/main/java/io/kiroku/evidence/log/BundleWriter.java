package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the bundles of a log's entries while it grows. Holds the bundle that is not full, and what was filled since
 * {@link #take()} was last called. Who could not store what was taken resumes from what is stored.
 */
public final class BundleWriter {
    private final List<Octets> entries = new ArrayList<>(TilePath.WIDTH);
    private final List<EntryBundle> filled = new ArrayList<>();
    private long index;
    private boolean changed;

    /** For a log without entries. */
    public BundleWriter() {}

    /** For a log of that size that goes on growing: its last bundle is read if it is not full. */
    public static BundleWriter resume(long size, TileSource bundles) throws IOException, MalformedException {
        BundleWriter writer = new BundleWriter();
        writer.index = size / TilePath.WIDTH;
        if (size % TilePath.WIDTH > 0) {
            TilePath path = TilePath.in(TilePath.ENTRIES, writer.index, size);
            writer.entries.addAll(EntryBundle.read(path, bundles.read(path)).entries());
        }
        return writer;
    }

    /**
     * Takes the next entry.
     *
     * @throws IllegalArgumentException if it has more than {@link EntryBundle#MOST_ENTRY} bytes
     */
    public void add(Octets entry) {
        EntryBundle.check(entry);
        entries.add(entry);
        changed = true;
        if (entries.size() == TilePath.WIDTH) {
            filled.add(bundle());
            index++;
            entries.clear();
            changed = false;
        }
    }

    /** The bundles that are new or wider since the last call: what must be stored before a checkpoint of this size. */
    public List<EntryBundle> take() {
        List<EntryBundle> bundles = new ArrayList<>(filled);
        filled.clear();
        if (changed) {
            bundles.add(bundle());
            changed = false;
        }
        return bundles;
    }

    private EntryBundle bundle() {
        return new EntryBundle(new TilePath(TilePath.ENTRIES, index, entries.size()), entries);
    }
}
