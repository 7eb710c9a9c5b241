package io.kiroku.collector.ingest;

import io.kiroku.evidence.segment.Segment;

/**
 * A verified segment in its place in the chain, on its way to the store.
 *
 * @param generation of the stream's head when it was accepted: if it is another now, segments before this one were lost on
 *     their way, and this one must not be stored
 */
public record Accepted(StreamHead stream, long generation, Segment segment) {
    boolean stillWanted() {
        return stream.generation() == generation;
    }
}
