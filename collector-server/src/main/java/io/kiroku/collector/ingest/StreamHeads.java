package io.kiroku.collector.ingest;

import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocations;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The ends of all streams. Streams of which nothing was ever accepted are forgotten with their connection. */
public final class StreamHeads {
    /** Anybody can greet with the name of a node: what is said of it is bounded. */
    private static final int MOST_OTHERS = 4;

    private final ConcurrentHashMap<Octets, StreamHead> streams = new ConcurrentHashMap<>();

    /** Streams of the collector's own. */
    private final Set<Octets> own = ConcurrentHashMap.newKeySet();

    /** A stream that a connection may now write. */
    record Claimed(StreamHead head, @Nullable Consumer<IngestEvent> older) {}

    private final Supplier<TreeHead> published;
    private final Supplier<Revocations> revoked;

    /**
     * @param durable the ends of the streams on stable storage
     * @param published the log's tree that is published
     * @param revoked whose word does not count any more
     */
    public StreamHeads(Collection<StreamEnd> durable, Supplier<TreeHead> published, Supplier<Revocations> revoked) {
        this.published = published;
        this.revoked = revoked;
        for (StreamEnd end : durable) {
            Octets stream = end.head().stream();
            streams.put(stream, new StreamHead(stream, end));
        }
    }

    /** The log's tree that is published now. */
    TreeHead published() {
        return published.get();
    }

    /** The keys that are revoked now. */
    Revocations revoked() {
        return revoked.get();
    }

    /** From now on no agent may send that stream. */
    void reserve(Octets stream) {
        own.add(stream);
    }

    /** Whether a stream is the collector's own. */
    boolean isOwn(Octets stream) {
        return own.contains(stream);
    }

    Claimed claim(Octets stream, Consumer<IngestEvent> writer) {
        AtomicReference<@Nullable Consumer<IngestEvent>> older = new AtomicReference<>();
        StreamHead claimed = streams.compute(stream, (id, known) -> {
            StreamHead head = known == null ? new StreamHead(id, null) : known;
            older.set(head.claim(writer));
            return head;
        });
        return new Claimed(claimed, older.get());
    }

    void release(StreamHead head, Consumer<IngestEvent> writer) {
        streams.computeIfPresent(
                head.stream(), (id, known) -> known.equals(head) && known.release(writer) ? null : known);
    }

    /** What is to be said of other streams of a node of that name, as their agents gave it; of a few, if there are many. */
    List<String> othersOf(String node, Octets stream) {
        return streams.values().stream()
                .filter(head -> !head.stream().equals(stream))
                .map(head -> head.settled().end())
                .filter(Objects::nonNull)
                .filter(end -> end.node().equals(node))
                .limit(MOST_OTHERS)
                .map(end -> "node %s has another stream now: its stream %s ended with segment %d"
                        .formatted(
                                Objections.printable(node),
                                end.head().stream().brief(),
                                end.head().sequence()))
                .toList();
    }

    /** How many streams have an agent's connection. */
    public long connected() {
        return streams.values().stream()
                .filter(head -> head.isWritten() && !isOwn(head.stream()))
                .count();
    }
}
