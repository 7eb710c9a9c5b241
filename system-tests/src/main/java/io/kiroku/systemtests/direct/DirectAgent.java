package io.kiroku.systemtests.direct;

import io.kiroku.agent.Replayed;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.agent.ship.Junction;
import io.kiroku.agent.ship.RingShipping;
import io.kiroku.agent.ship.Shipping;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An agent that begins its stream: tail, seal, ring and ship as they are; what its threads do is done when it is told to. */
public final class DirectAgent implements AutoCloseable {
    private static final String NODE = "node-1";
    private static final int MOST_FILES = 1000;

    /**
     * Where it works.
     *
     * @param pins where it makes hard links
     * @param ring a file of the length that the layout says
     * @param keys an empty file
     */
    public record Place(Kernel kernel, List<PathPattern> patterns, FilePath pins, StorageFile ring, StorageFile keys) {}

    private final Supplier<Timestamp> clock;
    private final RatchetFile keys;
    private final Ring ring;
    private final Sealer sealer;
    private final Tail tail;
    private final Frame.Hello hello;
    private final RingShipping shipping;
    private DirectCollector.@Nullable Session session;

    /**
     * @param extentLength of its ring, in bytes
     * @param extents of its ring
     */
    public DirectAgent(Place place, int extentLength, int extents, SecureRandom random, Supplier<Timestamp> clock)
            throws IOException {
        Identity identity = Identity.of(SigningKey.generate(random));
        Octets stream = identity.stream();
        this.clock = clock;
        this.keys = new RatchetFile(place.keys());
        this.ring =
                Ring.create(place.ring(), new RingLayout(stream, NODE, extentLength, extents, false, random.nextInt()));
        Losses losses = new Losses(WhenFull.BLOCK, ring);
        CollectorClock collectorClock = new CollectorClock();
        this.sealer = Sealer.resume(ring, null, keys, identity, NODE, Octets.zero(16), random, losses)
                .stating(collectorClock);
        Replayed nothing = Replayed.from(ring);
        this.tail = new Tail(
                place.kernel(),
                place.patterns(),
                List.of(),
                place.pins(),
                sealer,
                new Tail.Chain(
                        nothing.files(),
                        nothing.nextFile(),
                        nothing.wholeFrom(),
                        nothing.end(),
                        () -> ring.standing().acknowledged()),
                new Tail.Limits(MOST_FILES, ring.mostRestated() / 4L * 3, Long.MAX_VALUE),
                clock);
        this.hello = new Frame.Hello(Frame.VERSION, stream, NODE, "direct");
        this.shipping =
                new RingShipping(ring, new Junction(ring, losses, _ -> {}), hello, collectorClock, random, _ -> {});
    }

    /** What its capture thread does once; for how many nanoseconds nothing more will be due. */
    public long turn() throws IOException {
        return tail.turn();
    }

    /** What its sync thread does. */
    public void sync() throws IOException {
        if (ring.standing().durable() < ring.standing().newest()) {
            ring.sync();
        }
    }

    /** As if the collector had given a receipt for all that is durable. */
    public void acknowledgeAll() {
        ring.acknowledge(ring.standing().durable());
    }

    /** What its ship thread does: sends all that the collector lacks, and takes the receipts. */
    public void ship(DirectCollector collector) {
        step(new Shipping.Event.Tick(), collector);
        boolean isMoving = true;
        while (isMoving) {
            long before = ring.standing().acknowledged();
            long now = clock.get().bootNanos();
            for (RingShipping.Action next = shipping.next(now); next != null; next = shipping.next(now)) {
                act(next, collector);
            }
            collector.commit();
            hear(collector);
            isMoving = ring.standing().acknowledged() > before;
        }
    }

    private void hear(DirectCollector collector) {
        DirectCollector.Session from = session;
        if (from == null) {
            return;
        }
        for (Frame answer = from.answer(); answer != null; answer = from.answer()) {
            step(new Shipping.Event.Received(carried(answer)), collector);
        }
    }

    private void step(Shipping.Event event, DirectCollector collector) {
        shipping.step(event, clock.get().bootNanos()).forEach(action -> act(action, collector));
    }

    private void act(RingShipping.Action action, DirectCollector collector) {
        switch (action) {
            case RingShipping.Action.Connect _ -> {
                session = collector.connect();
                step(new Shipping.Event.Connected(), collector);
            }
            case RingShipping.Action.Send(Frame frame) -> {
                if (session != null) {
                    session.receive(carried(frame));
                    hear(collector);
                }
            }
            case RingShipping.Action.Disconnect _ ->
                throw new IllegalStateException("the agent has disconnected: " + shipping.notice());
        }
    }

    /** The frame as it comes out of the bytes that go over a connection. */
    private static Frame carried(Frame frame) {
        try {
            ByteBuffer bytes = FrameCodec.encode(frame);
            return FrameCodec.decode(bytes.position(Integer.BYTES));
        } catch (MalformedException defect) {
            throw new IllegalStateException("a frame that was just encoded is malformed", defect);
        }
    }

    /** Segments sealed, and the bytes of log in them. */
    public Sealed sealed() {
        return new Sealed(sealer.segments(), sealer.rawBytes());
    }

    /** How much was sealed. */
    public record Sealed(long segments, long rawBytes) {}

    /** How it greets. */
    public Frame.Hello hello() {
        return hello;
    }

    public Ring ring() {
        return ring;
    }

    public Tail.Standing standing() {
        return tail.standing();
    }

    @Override
    public void close() throws IOException {
        tail.close();
        ring.close();
        keys.close();
    }
}
