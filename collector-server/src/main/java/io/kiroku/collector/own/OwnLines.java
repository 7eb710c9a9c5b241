package io.kiroku.collector.own;

import java.io.IOException;
import java.util.List;

/** A source of the collector's own, to which lines are added. Used by any thread. */
@FunctionalInterface
public interface OwnLines {
    /** Bytes of a line at most, without its line feed. */
    int MOST_LINE = 256 << 10;

    /** Bytes of the lines of one call at most, with their line feeds: they are in one segment. */
    int MOST_AT_ONCE = 1 << 20;

    /**
     * Adds lines, all or none. When this returns, they are verified, on stable storage and in the transparency log.
     *
     * @param lines UTF-8 without line feeds; one is put behind each
     * @throws IOException if they cannot be kept: then what they tell of must not be done, or must be told again. Where the
     *     store did not answer in time, they may turn out to have been kept
     * @throws IllegalArgumentException if they are longer than {@link #MOST_LINE} or {@link #MOST_AT_ONCE}, or hold a line feed
     */
    void add(List<byte[]> lines) throws IOException;
}
