package io.kiroku.collector.ingest;

import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What can happen to an {@link IngestSession}. */
public sealed interface IngestEvent {
    /** The agent sent a frame. A segment's bytes stay as they are until the actions are done with them. */
    record Received(Frame frame) implements IngestEvent {}

    /** The agent sent bytes that are no frame. */
    record Malformed(String sentence) implements IngestEvent {}

    /** The answer to {@link IngestAction.LookUp}: the hash of the stored segment, null if there is none. */
    record LookedUp(@Nullable Octets hash) implements IngestEvent {}

    /** The stream is on stable storage up to there, and the log that is published has it. */
    record Stored(StreamEnd end) implements IngestEvent {}

    /** What was accepted since the last {@link Stored} could not be stored. */
    record Unavailable(String sentence) implements IngestEvent {}

    /** Another connection writes the stream now. */
    record Superseded() implements IngestEvent {}

    /** Time has passed. */
    record Tick() implements IngestEvent {}

    /** The connection is gone. */
    record Closed() implements IngestEvent {}
}
