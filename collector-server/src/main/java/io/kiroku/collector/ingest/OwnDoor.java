package io.kiroku.collector.ingest;

import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.SegmentCheck.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream of the collector's own comes in: a connection without a wire. Its segments are verified, placed, stored and
 * published as those of an agent are, one at a time. For use by one thread.
 */
public final class OwnDoor {
    private final Octets stream;
    private final Store store;
    private final StreamHeads heads;
    private final CommitThread commits;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Objections objections;
    private final SegmentCheck check = new SegmentCheck();
    private final Consumer<IngestEvent> mailbox = this::post;

    private @Nullable StreamHead head;

    // What the thread that stores has told; guarded by this.
    private long published;
    private @Nullable String failure;

    OwnDoor(
            Octets stream,
            Store store,
            StreamHeads heads,
            CommitThread commits,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.stream = stream;
        this.store = store;
        this.heads = heads;
        this.commits = commits;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.objections = new Objections(heads, _ -> Optional.empty());
    }

    private synchronized void post(IngestEvent event) {
        switch (event) {
            case IngestEvent.Stored stored -> published = stored.end().head().sequence();
            case IngestEvent.Unavailable unavailable -> failure = unavailable.sentence();
            default -> throw new IllegalStateException("another writes a stream of the collector's own: " + event);
        }
        notifyAll();
    }

    /** On the collector's clocks. */
    public Timestamp now() {
        Instant wall = clock.instant();
        return new Timestamp(TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano(), nanoTime.getAsLong());
    }

    /**
     * Where the stream ends, once all that was put is on stable storage or refused by it.
     *
     * @param atMost how long that is waited for
     * @return empty if nothing of it is stored
     * @throws StoreUnavailableException if it is not known by then
     */
    public Optional<StreamEnd> end(Duration atMost) throws StoreUnavailableException, InterruptedException {
        StreamHead claimed = claim();
        await(() -> claimed.settled().isSettled(), atMost);
        return Optional.ofNullable(claimed.settled().end());
    }

    /** The ends of other streams of the collector's own that had that source. */
    public List<StreamEnd> othersOf(FilePath source) {
        return store.ends().stream()
                .filter(end -> end.node().equals(OwnNode.NAME)
                        && !end.head().stream().equals(stream)
                        && store.followed(end.head().stream()).stream()
                                .anyMatch(file -> file.source().equals(source)))
                .toList();
    }

    /** The files that the stream's last segment left open. To be asked once its end is known, and before anything is put. */
    public List<Entry.File> followed() {
        return store.followed(stream);
    }

    /** A failure takes the stream from who wrote it. */
    private StreamHead claim() {
        StreamHead known = head;
        if (known != null && known.isWrittenBy(mailbox)) {
            return known;
        }
        StreamHeads.Claimed claimed = heads.claim(stream, mailbox);
        if (claimed.older() != null) {
            throw new IllegalStateException("two write one stream of the collector's own");
        }
        head = claimed.head();
        return claimed.head();
    }

    /**
     * Puts the stream's next segment. When this returns, it is verified, on stable storage, and in the log that is published.
     *
     * @param segment whose bytes must not change until {@link #end} has returned again
     * @param atMost how long that may take
     * @throws StoreUnavailableException if it did not come to that in time, or the identity is revoked: where the stream ends
     *     then, {@link #end} says
     */
    public void put(Segment segment, Duration atMost) throws StoreUnavailableException, InterruptedException {
        StreamHead claimed = claim();
        ChainHead basis = claimed.accepted();
        Outcome.Sound sound = verify(claimed, basis, segment);
        synchronized (this) {
            failure = null;
        }
        Accepted accepted = claimed.accept(
                        mailbox, basis, segment, sound.epoch().map(Lineage::of))
                .orElseThrow(() -> new StoreUnavailableException("the store has lost what was on its way to it"));
        commits.store(accepted, () -> {});
        await(() -> failure != null || published >= segment.header().sequence(), atMost);
        synchronized (this) {
            if (failure != null) {
                throw new StoreUnavailableException(failure);
            }
        }
    }

    private Outcome.Sound verify(StreamHead claimed, @Nullable ChainHead basis, Segment segment)
            throws StoreUnavailableException {
        Timestamp now = now();
        requireNone(objections.toSegment(claimed, segment.header(), now));
        if (!(check.check(segment) instanceof Outcome.Sound sound)) {
            throw new IllegalStateException("a segment of the collector's own is not sound");
        }
        if (Succession.contradiction(basis, segment.header()).isPresent()
                || !(Succession.of(basis, segment.header(), sound) instanceof Succession.Accepted)) {
            throw new IllegalStateException("a segment of the collector's own is not the next of its stream");
        }
        requireNone(sound.epoch().flatMap(epoch -> objections.toLineage(Lineage.of(epoch), claimed.lineage(), now)));
        return sound;
    }

    private static void requireNone(Optional<String> objection) throws StoreUnavailableException {
        if (objection.isPresent()) {
            throw new StoreUnavailableException("nothing more can be put on record: " + objection.get());
        }
    }

    /** Waits until the thread that stores has told what is waited for, which is asked for by who holds this. */
    private synchronized void await(BooleanSupplier told, Duration atMost)
            throws StoreUnavailableException, InterruptedException {
        long deadline = nanoTime.getAsLong() + atMost.toNanos();
        while (!told.getAsBoolean()) {
            long left = deadline - nanoTime.getAsLong();
            if (left <= 0) {
                throw new StoreUnavailableException(
                        "the store has not answered within %d s".formatted(atMost.toSeconds()));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
