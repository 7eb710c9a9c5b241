package io.kiroku.collector.ingest;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** What an {@link IngestSession} wants to be done, in the order given. */
public sealed interface IngestAction {
    /** Send the agent a frame. */
    record Send(Frame frame) implements IngestAction {}

    /** Store a segment; all of a stream in the order in which they were accepted. */
    record Store(Accepted accepted) implements IngestAction {}

    /** Keep bytes that do not fit, and why. */
    record PutAside(Octets stream, ByteBuffer bytes, String why) implements IngestAction {}

    /** Find the hash of a stored segment, and give the session nothing but that until it is found. */
    record LookUp(Octets stream, long sequence) implements IngestAction {}

    /** Tell the connection that wrote the stream until now. */
    record Supersede(Consumer<IngestEvent> older) implements IngestAction {}

    /** Count a segment that was sealed, by its node's clock, after it came. */
    record CountAhead() implements IngestAction {}

    /** Say something in the log; a sentence without its full stop. */
    record Say(String sentence) implements IngestAction {}

    /** End the connection once everything is sent; nothing more is taken from it. */
    record Close() implements IngestAction {}
}
