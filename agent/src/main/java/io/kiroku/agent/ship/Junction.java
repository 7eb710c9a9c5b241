package io.kiroku.agent.ship;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.seal.Losses;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the collector's copy of the stream joins the ring: from there on is sent. What the collector lacks is sent again,
 * whether or not it was acknowledged once; what the ring does not have any more either is to be declared lost. So is what
 * the collector says that nobody has declared: a crash may have taken the declaration before it was in the ring. A ring that
 * is empty in place of one that is gone begins behind the collector's end.
 */
public final class Junction {
    private final Ring ring;
    private final Losses losses;
    private final Consumer<Optional<Frame.Head>> collectorsEnd;

    /**
     * @param losses is told what is missing at the collector and in the ring
     * @param collectorsEnd is told where the stream ends, if the ring {@linkplain Ring#awaitsCollector waits} for that
     */
    public Junction(Ring ring, Losses losses, Consumer<Optional<Frame.Head>> collectorsEnd) {
        this.ring = ring;
        this.losses = losses;
        this.collectorsEnd = collectorsEnd;
    }

    /**
     * The place in the ring behind the collector's end of the stream.
     *
     * @param head that end; null if the collector has nothing of the stream
     * @throws IOException if the collector has another stream than the ring, or the ring cannot be read
     * @throws MalformedException if what lies in the ring there is no segment
     */
    public RingCursor behind(Frame.@Nullable Head head) throws IOException, MalformedException {
        long end = head == null ? 0 : head.sequence();
        if (ring.awaitsCollector()) {
            ring.continueBehind(end);
            collectorsEnd.accept(Optional.ofNullable(head));
        }
        Ring.Standing before = ring.standing();
        if (end > before.durable()) {
            throw new IOException("the collector has segment %d of this stream, the ring ends with %d"
                    .formatted(end, before.durable()));
        }
        if (head != null && before.oldest() != 0 && end >= before.oldest()) {
            compare(head);
        }
        Ring.Standing standing = ring.collectorEndsAt(end);
        if (head != null) {
            head.undeclared().forEach(range -> losses.missing(range.first(), range.last(), 0));
        }
        long first = standing.oldest() == 0 ? standing.newest() + 1 : standing.oldest();
        if (first > end + 1) {
            losses.missing(end + 1, first - 1, before.acknowledged());
        }
        return ring.cursorAt(Math.max(first, end + 1));
    }

    private void compare(Frame.Head head) throws IOException, MalformedException {
        ByteBuffer bytes = ring.cursorAt(head.sequence()).read();
        if (bytes == null || !Segment.of(bytes).hash().equals(head.hash())) {
            throw new IOException("the collector has another segment %d than the ring".formatted(head.sequence()));
        }
    }
}
