package io.kiroku.collector.store;

/**
 * How far a reader has gone through the store: all segments before it have been seen.
 *
 * @param volume number of the volume
 * @param offset in the volume's file, where the next record begins or will begin
 */
public record Position(int volume, long offset) {
    /** Before the first segment. */
    public static final Position START = new Position(0, 0);
}
