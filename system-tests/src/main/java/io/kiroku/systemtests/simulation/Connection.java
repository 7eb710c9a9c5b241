package io.kiroku.systemtests.simulation;

import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: frames of each direction arrive in order, after a while, or not at all. It can break so that both
 * ends hear of it, so that only one does, or so that none does.
 */
final class Connection {
    /** Who is at an end of it, on the actor that takes what arrives there. */
    interface End {
        Actor actor();

        void received(ByteBuffer frame);

        /** The other end closed, or the connection broke. */
        void closed();

        /** More can be sent. */
        void writable();
    }

    /** Bytes under way in one direction, at which the sender is told to wait. */
    private static final int HIGH_WATER = 64 << 10;

    private static final long MICRO = 1_000L;

    /** One direction. */
    private final class Pipe {
        private final End to;
        private long arrivesAt;
        private int underWay;
        private boolean lost;
        private boolean closed;

        private Pipe(End to) {
            this.to = to;
        }

        private void send(ByteBuffer frame, @Nullable End from) {
            int length = frame.remaining();
            ByteBuffer bytes = frame.duplicate();
            underWay += length;
            arrivesAt = Math.max(arrivesAt, scheduler.now() + latency());
            scheduler.in(arrivesAt - scheduler.now(), network, "frame", () -> {
                boolean wasFull = underWay >= HIGH_WATER;
                underWay -= length;
                if (lost || closed) {
                    return;
                }
                scheduler.in(0, to.actor(), "received", () -> {
                    if (!closed) {
                        to.received(bytes);
                    }
                });
                if (from != null && wasFull && underWay < HIGH_WATER) {
                    scheduler.in(0, from.actor(), "writable", from::writable);
                }
            });
        }

        /** Behind all that was sent before. */
        private void close() {
            arrivesAt = Math.max(arrivesAt, scheduler.now() + latency());
            scheduler.in(arrivesAt - scheduler.now(), network, "close", () -> {
                if (!lost && !closed) {
                    tell();
                }
            });
        }

        private void tell() {
            closed = true;
            scheduler.in(0, to.actor(), "closed", to::closed);
        }
    }

    private final Scheduler scheduler;
    private final Actor network;
    private final RandomGenerator random;
    private final int mostLatencyMicros;
    private final End agent;
    private final Pipe toAgent;
    private final Pipe toCollector;

    Connection(
            Scheduler scheduler,
            Actor network,
            RandomGenerator random,
            int mostLatencyMicros,
            End agent,
            End collector) {
        this.scheduler = scheduler;
        this.network = network;
        this.random = random;
        this.mostLatencyMicros = mostLatencyMicros;
        this.agent = agent;
        this.toAgent = new Pipe(agent);
        this.toCollector = new Pipe(collector);
    }

    private long latency() {
        return MICRO * random.nextInt(20, 20 + mostLatencyMicros);
    }

    /** The network brings a frame once more that an earlier connection brought. */
    void repeatToCollector(ByteBuffer frame) {
        toCollector.send(frame, null);
    }

    void sendToAgent(ByteBuffer frame) {
        toAgent.send(frame, null);
    }

    void sendToCollector(ByteBuffer frame) {
        toCollector.send(frame, agent);
    }

    boolean isWritableToCollector() {
        return toCollector.underWay < HIGH_WATER;
    }

    /** The agent closes, or is gone: its kernel says so to the collector. */
    void closeByAgent() {
        toAgent.closed = true;
        toCollector.close();
    }

    void closeByCollector() {
        toCollector.closed = true;
        toAgent.close();
    }

    /** Nothing of what is under way in a direction arrives any more, and nobody is told. */
    void loseToAgent() {
        toAgent.lost = true;
    }

    void loseToCollector() {
        toCollector.lost = true;
    }

    /** It breaks, and each end hears of it. */
    void cut() {
        if (!toAgent.closed) {
            toAgent.tell();
        }
        if (!toCollector.closed) {
            toCollector.tell();
        }
        toAgent.lost = true;
        toCollector.lost = true;
    }

    /** Nothing arrives for so long. */
    void stall(long nanos) {
        toAgent.arrivesAt = Math.max(toAgent.arrivesAt, scheduler.now() + nanos);
        toCollector.arrivesAt = Math.max(toCollector.arrivesAt, scheduler.now() + nanos);
    }
}
