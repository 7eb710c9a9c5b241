package io.kiroku.collector.query;

import io.kiroku.collector.store.Place;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;

/** What the store has to say of a stretch of a file. */
sealed interface Piece {
    /** Where in the file it begins. */
    default long from() {
        return switch (this) {
            case Held held -> held.chunk().from();
            case Lost lost -> lost.gap().from();
        };
    }

    /**
     * A segment that is stored.
     *
     * @param sealedNanos when it was sealed, nanoseconds since the Unix epoch on the node's clock
     */
    record Stored(Place place, Octets stream, long sequence, long sealedNanos) {}

    /**
     * Bytes that are held.
     *
     * @param at where they lie among the log bytes of their segment
     */
    record Held(Stored segment, int at, Entry.Chunk chunk) implements Piece {}

    /** Bytes that are lost, as the agent has declared. */
    record Lost(Entry.Gap gap) implements Piece {}
}
