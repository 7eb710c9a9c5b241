package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ship.RingShipping;
import io.kiroku.agent.ship.Shipping;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The thread of an agent that sends segments and takes receipts: what {@code Shipper} does without Netty. */
final class ShipThread {
    private final Node node;
    private final Scheduler scheduler;
    private final Actor actor;
    private @Nullable RingShipping shipping;
    private @Nullable Link link;
    private long tickAt = Long.MAX_VALUE;

    ShipThread(Node node, Scheduler.SimProcess process) {
        this.node = node;
        this.scheduler = node.scheduler;
        this.actor = new Actor(process, node.name + "/ship");
    }

    void begin(RingShipping protocol) {
        shipping = protocol;
        tickIn(0);
    }

    String notice() {
        return shipping == null ? "" : shipping.notice();
    }

    /** There may be more durable segments. */
    void wake() {
        scheduler.in(0, actor, "send", this::send);
    }

    private void tickIn(long nanos) {
        long at = scheduler.now() + nanos;
        if (at >= tickAt && tickAt > scheduler.now()) {
            return;
        }
        tickAt = at;
        scheduler.in(nanos, actor, "tick", () -> {
            if (tickAt == at) {
                tickAt = Long.MAX_VALUE;
                step(new Shipping.Event.Tick());
            }
        });
    }

    private void step(Shipping.Event event) {
        if (shipping != null) {
            shipping.step(event, node.bootNanos()).forEach(this::act);
            send();
        }
    }

    private void act(RingShipping.Action action) {
        switch (action) {
            case RingShipping.Action.Connect _ -> {
                scheduler.record("connects", 0, 0);
                link = new Link();
                node.connect(link);
            }
            case RingShipping.Action.Send(Frame frame) -> {
                if (link != null && link.connection != null) {
                    ByteBuffer bytes = FrameCodec.encode(frame);
                    link.connection.sendToCollector(bytes);
                    remember(link.connection, frame, bytes);
                }
            }
            case RingShipping.Action.Disconnect _ -> {
                scheduler.note("disconnects: %s", notice());
                close();
            }
        }
    }

    private void remember(Connection to, Frame frame, ByteBuffer bytes) {
        switch (frame) {
            case Frame.SegmentFrame(ByteBuffer segment) -> {
                try {
                    node.repeats.sent(Segment.of(segment).header().sequence(), bytes);
                } catch (MalformedException e) {
                    throw new Violation("an agent sends what is no segment", e);
                }
            }
            case Frame.Hello _ -> node.repeats.greeted(to);
            default -> {}
        }
    }

    private void send() {
        RingShipping protocol = shipping;
        if (protocol == null) {
            return;
        }
        while (link != null && link.connection != null && link.connection.isWritableToCollector()) {
            RingShipping.Action next = protocol.next(node.bootNanos());
            if (next == null) {
                break;
            }
            act(next);
        }
        if (protocol.deadline() != Long.MAX_VALUE) {
            tickIn(Math.max(0, protocol.deadline() - node.bootNanos()));
        }
    }

    /** Its end of the connection is closed, and the collector is told. */
    void close() {
        Link old = link;
        link = null;
        if (old != null && old.connection != null) {
            old.connection.closeByAgent();
        }
    }

    /** Its end of the connection is no more, and nobody is told. */
    void vanish() {
        Link old = link;
        link = null;
        if (old != null && old.connection != null) {
            old.connection.loseToAgent();
            old.connection.loseToCollector();
        }
    }

    /** An attempt to connect, and the agent's end of what came of it. */
    private final class Link implements Network.Attempt, Connection.End {
        private @Nullable Connection connection;

        @Override
        public Connection.End agent() {
            return this;
        }

        @Override
        public Actor actor() {
            return actor;
        }

        @Override
        public void connected(Connection opened) {
            if (link == this) {
                connection = opened;
                step(new Shipping.Event.Connected());
            } else {
                opened.closeByAgent();
            }
        }

        @Override
        public void refused(String sentence) {
            gone(sentence);
        }

        @Override
        public void received(ByteBuffer frame) {
            if (link == this) {
                try {
                    step(new Shipping.Event.Received(FrameCodec.decode(frame.position(4))));
                } catch (MalformedException e) {
                    throw new Violation("the collector sent what is no frame", e);
                }
            }
        }

        @Override
        public void closed() {
            gone("the connection was closed");
        }

        private void gone(String reason) {
            if (link == this) {
                link = null;
                step(new Shipping.Event.Disconnected(reason));
            }
        }

        @Override
        public void writable() {
            if (link == this) {
                send();
            }
        }
    }
}
