package io.kiroku.collector.log;

import io.kiroku.evidence.log.BundleWriter;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.Growth;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.RightEdge;
import io.kiroku.evidence.log.Tile;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TileWriter;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The log of a store: the header of record n is entry n - 1. A record that was lost before the log had it is an empty
 * entry. For one thread; {@link #published} for any.
 *
 * <p>The order is: records on stable storage; tiles and entries written, full ones on stable storage; the checkpoint signed
 * and on stable storage; then receipts. So a checkpoint never counts what a crash can take, and the log of a store that is
 * opened again is a continuation of every checkpoint that anybody has seen.
 */
public final class TransparencyLog {
    /** While a log is made from a store, what was made is written down after so many entries: all of it is in memory. */
    private static final int MOST_UNWRITTEN = 4096;

    static final Octets LOST = Octets.of(new byte[0]);

    private record Unwritten(TilePath path, Octets content) {}

    private final LogFiles files;
    private final LogSigners signers;
    private final InstantSource clock;
    private final TileWriter tiles;
    private final BundleWriter bundles;
    private final Deque<Unwritten> unwritten = new ArrayDeque<>();

    /** Partial tiles and bundles on disk, by level. */
    private final Map<Integer, TilePath> partial = new HashMap<>();

    private final Deque<TilePath> superseded = new ArrayDeque<>();

    private final CheckpointArchive archive;
    private RightEdge edge;
    private volatile PublishedLog published;

    private TransparencyLog(LogFiles files, LogSigners signers, InstantSource clock, LogRecovery.Recovered recovered) {
        this.files = files;
        this.signers = signers;
        this.clock = clock;
        this.archive = files.archive(CheckpointArchive.Kind.PUBLISHED);
        this.edge = recovered.edge();
        this.tiles = recovered.tiles();
        this.bundles = recovered.bundles();
        this.published = recovered.published();
        long size = published.tree().size();
        for (int level = TilePath.ENTRIES; level <= TilePath.TOP_LEVEL; level++) {
            long hashes = TilePath.hashes(level, size);
            if (hashes % TilePath.WIDTH > 0) {
                TilePath path = TilePath.in(level, hashes / TilePath.WIDTH, size);
                partial.put(level, path);
            }
        }
    }

    /**
     * Opens the log of a store, or makes it, and brings it up to the store.
     *
     * @param lastRecord the highest number that the store has given to a record
     * @throws IOException if the files fail, or they and the store do not continue what was published: then whoever opens
     *     it must not go on, because another tree under the same name would be a fork
     */
    public static TransparencyLog open(
            LogFiles files, LogSigners signers, Records records, long lastRecord, InstantSource clock)
            throws IOException {
        LogRecovery.Recovered recovered = new LogRecovery(files, signers, records, lastRecord).run();
        TransparencyLog log = new TransparencyLog(files, signers, clock, recovered);
        for (Tile tile : recovered.made()) {
            files.write(tile.path(), tile.bytes());
        }
        for (Octets entry : recovered.tail()) {
            log.append(entry);
        }
        records.from(log.edge.size() + 1, (number, header) -> {
            log.add(number, header);
            if (log.edge.size() % MOST_UNWRITTEN == 0) {
                log.write();
            }
        });
        log.publish();
        return log;
    }

    /** Takes the header of the store's next record, which is on stable storage. */
    public void add(long number, Octets header) {
        if (number <= edge.size()) {
            throw new IllegalStateException(
                    "record %d comes to a log that has %d entries already".formatted(number, edge.size()));
        }
        while (edge.size() < number - 1) {
            append(LOST);
        }
        append(header);
    }

    private void append(Octets entry) {
        Growth growth = edge.append(MerkleTree.leafHash(entry));
        tiles.add(growth);
        bundles.add(entry);
        edge = growth.edge();
    }

    /**
     * Returns when a checkpoint over all that was added is published.
     *
     * @throws IOException if the disk does not take it; then it has to be tried again before more is added
     */
    public void publish() throws IOException {
        write();
        if (edge.size() != published.tree().size() || published.note().length() == 0) {
            Instant now = clock.instant();
            PublishedLog next = signers.sign(new TreeHead(edge.size(), edge.root()), now.getEpochSecond());
            files.publish(next.note());
            published = next;
            archive.offer(edge.size(), next.note(), now);
        }
        while (!superseded.isEmpty()) {
            files.delete(superseded.getFirst());
            superseded.removeFirst();
        }
    }

    private void write() throws IOException {
        for (EntryBundle bundle : bundles.take()) {
            unwritten.add(new Unwritten(bundle.path(), bundle.bytes()));
        }
        for (Tile tile : tiles.take()) {
            unwritten.add(new Unwritten(tile.path(), tile.bytes()));
        }
        while (!unwritten.isEmpty()) {
            Unwritten next = unwritten.getFirst();
            files.write(next.path(), next.content());
            unwritten.removeFirst();
            replaced(next.path());
        }
    }

    private void replaced(TilePath path) {
        TilePath before = path.isPartial() ? partial.put(path.level(), path) : partial.remove(path.level());
        if (before != null && !before.equals(path)) {
            superseded.add(before);
        }
    }

    /** What anybody can see now. */
    public PublishedLog published() {
        return published;
    }
}
