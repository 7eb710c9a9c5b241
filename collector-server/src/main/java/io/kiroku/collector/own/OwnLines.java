package io.kiroku.collector.own;

import java.io.IOException;
import java.util.List;

/** A source of the collector's own, to which lines are added. Used by any thread. */
@FunctionalInterface
public interface OwnLines {
    /**
     * Adds lines, all or none. When this returns, they are verified, on stable storage and in the transparency log.
     *
     * @param lines UTF-8 without line feeds; one is put behind each
     * @throws IOException if they cannot be kept: then what they tell of must not be done, or must be told again
     */
    void add(List<byte[]> lines) throws IOException;
}
