package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a tile or a bundle of entries lies below the log's prefix (C2SP tlog-tiles): {@code tile/<L>/<N>[.p/<W>]}, with
 * {@code entries} for the level of bundles, and {@code x001/x234/067} for the index 1234067.
 *
 * @param level 0 to 7 for hashes of 2^(8·level) entries each, or {@link #ENTRIES}
 * @param index counts the tiles of a level
 * @param width hashes or entries in it, 1 to 256; below 256 it is partial
 */
public record TilePath(int level, long index, int width) {
    /** Hashes in a full tile, entries in a full bundle. */
    public static final int WIDTH = 256;

    /** Levels of the tree within a tile. */
    public static final int HEIGHT = 8;

    /** The level of bundles: beneath the leaves. */
    public static final int ENTRIES = -1;

    /** A tree of 2^63 - 1 entries has no tile above this level. */
    public static final int TOP_LEVEL = 7;

    private static final Pattern FORM =
            Pattern.compile("tile/(entries|[0-7])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");
    private static final int MOST_LENGTH = 60;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if no tree of at most 2^63 - 1 entries has such a tile
     */
    public TilePath {
        if (!exists(level, index, width)) {
            throw new IllegalArgumentException(
                    "no tree has a tile of level %d, index %d, width %d".formatted(level, index, width));
        }
    }

    private static boolean exists(int level, long index, int width) {
        return level >= ENTRIES
                && level <= TOP_LEVEL
                && index >= 0
                && width >= 1
                && width <= WIDTH
                && index <= Math.floorDiv(hashes(level, Long.MAX_VALUE) - width, (long) WIDTH);
    }

    /** The tile, as wide as it is in a tree of that size. */
    public static TilePath in(int level, long index, long size) {
        long width = hashes(level, size) - index * WIDTH;
        return new TilePath(level, index, (int) Math.min(width, WIDTH));
    }

    /** How many hashes, or entries, a level has in a tree of that size. */
    public static long hashes(int level, long size) {
        return size >>> (HEIGHT * Math.max(level, 0));
    }

    /** Whether more hashes or entries will come to it. */
    public boolean isPartial() {
        return width < WIDTH;
    }

    /** Whether it is a bundle of entries. */
    public boolean isBundle() {
        return level == ENTRIES;
    }

    /**
     * Reads a path, without a slash before it.
     *
     * @throws MalformedException if it has another form, zeros too many, or stands for no tile
     */
    public static TilePath parse(String path) throws MalformedException {
        Matcher parts = FORM.matcher(path);
        if (path.length() <= MOST_LENGTH && parts.matches()) {
            int level = parts.group(1).equals("entries") ? ENTRIES : Integer.parseInt(parts.group(1));
            long index = Long.parseLong(parts.group(2).replaceAll("[x/]", ""));
            int width = parts.group(3) == null ? WIDTH : Integer.parseInt(parts.group(3));
            if (exists(level, index, width)) {
                TilePath tile = new TilePath(level, index, width);
                if (tile.toString().equals(path)) {
                    return tile;
                }
            }
        }
        throw new MalformedException("expected a path such as tile/0/x001/067 or tile/entries/000.p/5, found \"%s\""
                .formatted(path.length() <= MOST_LENGTH ? path : path.substring(0, MOST_LENGTH) + "..."));
    }

    /** The path, without a slash before it. */
    @Override
    public String toString() {
        StringBuilder groups = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            groups.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
        }
        return "tile/" + (isBundle() ? "entries" : level) + "/" + groups + (isPartial() ? ".p/" + width : "");
    }
}
