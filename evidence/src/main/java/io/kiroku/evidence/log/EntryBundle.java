package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Entries of the log next to each other, each with its length before it as a big-endian u16 (C2SP tlog-tiles).
 *
 * @param path where it lies
 * @param entries as many as the path says, of at most {@link #MOST_ENTRY} bytes each
 */
public record EntryBundle(TilePath path, List<Octets> entries) {
    /** Bytes of an entry at most. */
    public static final int MOST_ENTRY = 65_535;

    /** Bytes of a bundle at most: 256 entries of the greatest length. */
    public static final int MOST_BYTES = TilePath.WIDTH * (2 + MOST_ENTRY);

    public EntryBundle {
        entries = List.copyOf(entries);
        if (!path.isBundle() || entries.size() != path.width()) {
            throw new IllegalArgumentException("%d entries are no %s".formatted(entries.size(), path));
        }
        entries.forEach(EntryBundle::check);
    }

    static void check(Octets entry) {
        if (entry.length() > MOST_ENTRY) {
            throw new IllegalArgumentException(
                    "an entry has at most %d bytes, this one has %d".formatted(MOST_ENTRY, entry.length()));
        }
    }

    /**
     * Reads a bundle. One that is wider than its path says is cut.
     *
     * @throws MalformedException if an entry is cut off, there are fewer than the path says, or more than 256
     */
    public static EntryBundle read(TilePath path, Octets bytes) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(bytes.toArray());
        List<Octets> entries = new ArrayList<>();
        while (in.hasRemaining()) {
            int at = in.position();
            int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
            if (length < 0 || length > in.remaining()) {
                throw new MalformedException(
                        "expected a whole entry at offset %d of %s, found its beginning".formatted(at, path));
            }
            if (entries.size() == TilePath.WIDTH) {
                throw new MalformedException(
                        "expected at most %d entries in %s, found more".formatted(TilePath.WIDTH, path));
            }
            entries.add(Octets.take(in, length));
        }
        if (entries.size() < path.width()) {
            throw new MalformedException(
                    "expected %d entries in %s, found %d".formatted(path.width(), path, entries.size()));
        }
        return new EntryBundle(path, entries.subList(0, path.width()));
    }

    /**
     * Reads one entry of a log.
     *
     * @param size entries in the tree; the bundle is read as wide as it is at this size
     * @throws IndexOutOfBoundsException if the index is not below the size
     */
    public static Octets entry(long index, long size, TileSource bundles) throws IOException, MalformedException {
        Objects.checkIndex(index, size);
        TilePath path = TilePath.in(TilePath.ENTRIES, index / TilePath.WIDTH, size);
        return read(path, bundles.read(path)).entries().get((int) (index % TilePath.WIDTH));
    }

    /** The bytes that lie at the path. */
    public Octets bytes() {
        int length = entries.stream().mapToInt(entry -> 2 + entry.length()).sum();
        ByteBuffer out = ByteBuffer.allocate(length);
        for (Octets entry : entries) {
            out.putShort((short) entry.length());
            entry.writeTo(out);
        }
        return Octets.of(out.array());
    }
}
