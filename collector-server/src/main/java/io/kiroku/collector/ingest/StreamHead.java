package io.kiroku.collector.ingest;

import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of one stream: of what is on stable storage, and of what has been accepted and is on its way there. One
 * connection at a time may write; the newest, because an agent whose connection broke without a word is back before
 * anybody notices. Used by the connections' threads and the one that stores.
 */
public final class StreamHead {
    /** Hashes that are remembered of segments on stable storage; older ones are looked up. */
    private static final int REMEMBERED = 256;

    /** How a repeated sequence stands to what was accepted. */
    enum Past {
        SAME,
        OTHER,
        /** It was accepted too long ago to say without looking. */
        UNKNOWN
    }

    private final Octets stream;
    private final Map<Long, Octets> hashes = new HashMap<>();
    private long lowestRemembered = Long.MAX_VALUE;
    private @Nullable StreamEnd durable;
    private @Nullable ChainHead accepted;
    private Lineage lineage;
    private @Nullable Consumer<IngestEvent> writer;
    private long generation;

    StreamHead(Octets stream, @Nullable StreamEnd durable) {
        this.stream = stream;
        this.durable = durable;
        this.accepted = durable == null ? null : durable.head();
        this.lineage = durableLineage();
        if (durable != null) {
            remember(durable.head());
        }
    }

    Octets stream() {
        return stream;
    }

    synchronized long generation() {
        return generation;
    }

    /** Where what is on stable storage of the stream ends, null before its first segment is. */
    synchronized @Nullable StreamEnd durable() {
        return durable;
    }

    private @Nullable ChainHead durableHead() {
        return durable == null ? null : durable.head();
    }

    private Lineage durableLineage() {
        return durable == null ? Lineage.UNKNOWN : durable.lineage();
    }

    /** Whose the stream was and is, by what has been accepted. */
    synchronized Lineage lineage() {
        return lineage;
    }

    /** Where the stream stands. */
    synchronized Settled settled() {
        ChainHead head = durableHead();
        return new Settled(Objects.equals(head, accepted), durable);
    }

    /**
     * Where a stream stands.
     *
     * @param isSettled whether all that was accepted is on stable storage
     * @param end of what is on stable storage; null if nothing is
     */
    record Settled(boolean isSettled, @Nullable StreamEnd end) {}

    /** What the next segment has to link to, null before the first is accepted. */
    synchronized @Nullable ChainHead accepted() {
        return accepted;
    }

    /** Makes this the connection that writes, and returns the one that did until now. */
    synchronized @Nullable Consumer<IngestEvent> claim(Consumer<IngestEvent> newWriter) {
        Consumer<IngestEvent> older = writer;
        writer = newWriter;
        return older;
    }

    /** The connection is gone. Returns true if nothing is left to remember of the stream. */
    synchronized boolean release(Consumer<IngestEvent> oldWriter) {
        if (oldWriter.equals(writer)) {
            writer = null;
        }
        return writer == null && accepted == null;
    }

    /** Whether that is the connection that writes. */
    synchronized boolean isWrittenBy(Consumer<IngestEvent> mailbox) {
        return mailbox.equals(writer);
    }

    synchronized boolean isWritten() {
        return writer != null;
    }

    /**
     * Takes a verified segment as the stream's next.
     *
     * @param basis the head that it was verified against
     * @param stated whose the stream is, if the segment says so
     * @return empty if the stream has another head or another writer by now
     */
    synchronized Optional<Accepted> accept(
            Consumer<IngestEvent> by, @Nullable ChainHead basis, Segment segment, Optional<Lineage> stated) {
        if (!by.equals(writer) || !Objects.equals(accepted, basis)) {
            return Optional.empty();
        }
        ChainHead head = ChainHead.of(segment);
        accepted = head;
        lineage = stated.orElse(lineage);
        remember(head);
        return Optional.of(new Accepted(this, generation, segment));
    }

    synchronized Past past(long sequence, Octets hash) {
        Octets known = hashes.get(sequence);
        if (known == null) {
            return Past.UNKNOWN;
        }
        return known.equals(hash) ? Past.SAME : Past.OTHER;
    }

    private void remember(ChainHead head) {
        hashes.put(head.sequence(), head.hash());
        lowestRemembered = Math.min(lowestRemembered, head.sequence());
    }

    /** All up to there is on stable storage. */
    void stored(StreamEnd end) {
        ChainHead head = end.head();
        Consumer<IngestEvent> told;
        synchronized (this) {
            durable = end;
            while (lowestRemembered <= head.sequence() - REMEMBERED) {
                hashes.remove(lowestRemembered++);
            }
            told = writer;
        }
        if (told != null) {
            told.accept(new IngestEvent.Stored(end));
        }
    }

    /** What was accepted is lost from there on: it has to be sent again. Whoever writes has to greet again. */
    void failed(@Nullable StreamEnd end, String sentence) {
        Consumer<IngestEvent> told;
        synchronized (this) {
            generation++;
            durable = end;
            accepted = durableHead();
            lineage = durableLineage();
            long last = end == null ? 0 : end.head().sequence();
            hashes.keySet().removeIf(sequence -> sequence > last);
            told = writer;
            writer = null;
        }
        if (told != null) {
            told.accept(new IngestEvent.Unavailable(sentence));
        }
    }
}
