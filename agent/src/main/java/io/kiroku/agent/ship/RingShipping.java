package io.kiroku.agent.ship;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Ships what is in a ring: what {@link Shipping} decides, applied to the ring's segments and receipts. Still without a
 * socket or a clock; for one thread.
 */
public final class RingShipping {
    /** What is to be done with the connection, in this order. */
    public sealed interface Action {
        record Connect() implements Action {}

        record Send(Frame frame) implements Action {}

        record Disconnect() implements Action {}
    }

    private final Ring ring;
    private final Frame.Hello hello;
    private final Shipping shipping;
    private final Junction junction;
    private final Consumer<Frame.Receipt> acknowledged;
    private final CollectorClock clock;
    private @Nullable RingCursor cursor;
    private long greetedAt;

    /**
     * @param junction where sending begins
     * @param hello how the agent greets
     * @param clock is told what the collector's messages say of its clock
     * @param random jitter of the waits between connections
     * @param acknowledged told of every receipt
     */
    public RingShipping(
            Ring ring,
            Junction junction,
            Frame.Hello hello,
            CollectorClock clock,
            RandomGenerator random,
            Consumer<Frame.Receipt> acknowledged) {
        this.ring = ring;
        this.hello = hello;
        this.clock = clock;
        this.shipping = new Shipping(hello.stream(), random);
        this.junction = junction;
        this.acknowledged = acknowledged;
    }

    public boolean isStreaming() {
        return shipping.isStreaming();
    }

    /** The last trouble, a sentence; empty if there is none now. */
    public String notice() {
        return shipping.notice();
    }

    /** When a tick is due; see {@link Shipping#deadline()}. */
    public long deadline() {
        return shipping.deadline();
    }

    /** Takes what happened at {@code now}, in nanoseconds on the node's boot-time clock. */
    public List<Action> step(Shipping.Event event, long now) {
        if (event instanceof Shipping.Event.Disconnected) {
            cursor = null;
        }
        List<Action> actions = new ArrayList<>();
        apply(shipping.step(event, now), now, actions);
        return actions;
    }

    /**
     * The next thing to be sent, if anything may be sent now: called again and again as long as the connection takes more.
     *
     * @return a segment, valid until the next call; {@link Action.Disconnect} if the ring cannot be read; null if nothing
     *     is to be sent
     */
    public @Nullable Action next(long now) {
        if (cursor == null || !shipping.maySend()) {
            return null;
        }
        try {
            ByteBuffer bytes = cursor.read();
            if (bytes == null) {
                return null;
            }
            Segment segment = Segment.of(bytes);
            shipping.sent(segment.header().sequence(), segment.length(), segment.hash(), now);
            return new Action.Send(new Frame.SegmentFrame(bytes));
        } catch (IOException | MalformedException damaged) {
            shipping.refuse("the ring cannot be read: " + damaged.getMessage(), now);
            cursor = null;
            return new Action.Disconnect();
        }
    }

    private void apply(List<Shipping.Action> decided, long now, List<Action> actions) {
        for (Shipping.Action action : decided) {
            switch (action) {
                case Shipping.Action.Connect _ -> actions.add(new Action.Connect());
                case Shipping.Action.Greet _ -> {
                    greetedAt = now;
                    actions.add(new Action.Send(hello));
                }
                case Shipping.Action.Begin begin -> begin(begin.welcome(), now, actions);
                case Shipping.Action.Acknowledge acknowledge -> {
                    ring.acknowledge(acknowledge.receipt().sequence());
                    clock.acknowledged(acknowledge.receipt().wallNanos(), acknowledge.sentNanos(), now);
                    acknowledged.accept(acknowledge.receipt());
                }
                case Shipping.Action.Disconnect _ -> {
                    cursor = null;
                    actions.add(new Action.Disconnect());
                }
            }
        }
    }

    private void begin(Frame.Welcome welcome, long now, List<Action> actions) {
        try {
            cursor = junction.behind(welcome.head());
            clock.greeted(welcome.collector(), welcome.wallNanos(), greetedAt, now);
            shipping.streamFrom(now);
        } catch (IOException | MalformedException misfit) {
            apply(shipping.refuse(String.valueOf(misfit.getMessage()), now), now, actions);
        }
    }
}
