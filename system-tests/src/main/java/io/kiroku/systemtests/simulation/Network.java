package io.kiroku.systemtests.simulation;

import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The network between agents and their collector: slow, cut, half-open, or away. */
final class Network {

    /** What comes of an attempt to connect, on the agent's actor. */
    interface Attempt {
        Connection.End agent();

        void connected(Connection connection);

        void refused(String sentence);
    }

    /** Who listens. */
    interface Listener {
        /** Somebody connects; the end is told of everything that comes. Null if nobody listens there now. */
        Connection.@Nullable End accept();

        /** The connection that was accepted by that end. */
        void opened(Connection.End end, Connection connection);
    }

    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Actor actor = new Actor(new Scheduler.SimProcess(), "network");
    private final List<Connection> open = new ArrayList<>();
    private int mostLatencyMicros = 300;
    private boolean away;

    Network(Scheduler scheduler, RandomGenerator random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    Actor actor() {
        return actor;
    }

    void connect(Attempt attempt, Listener listener) {
        long micros = random.nextInt(20, 20 + mostLatencyMicros);
        scheduler.in(1_000L * micros, actor, "connect", () -> {
            if (away) {
                // Neither an answer nor a refusal: whoever connects has to give up by himself.
                return;
            }
            Connection.End collector = listener.accept();
            Actor to = attempt.agent().actor();
            if (collector == null) {
                scheduler.in(0, to, "refused", () -> attempt.refused("connection refused"));
                return;
            }
            Connection connection =
                    new Connection(scheduler, actor, random, mostLatencyMicros, attempt.agent(), collector);
            open.add(connection);
            listener.opened(collector, connection);
            scheduler.in(0, to, "connected", () -> attempt.connected(connection));
        });
    }

    /** Connections take so long from now on. */
    void slow(int micros) {
        mostLatencyMicros = micros;
    }

    /** One of the last few connections, which may be over by now; null if there is none. */
    @Nullable
    Connection any() {
        int count = open.size();
        return count == 0 ? null : open.get(count - 1 - random.nextInt(Math.min(3, count)));
    }

    /** Nobody can be reached for so long, and what is open hangs. */
    void goAway(long nanos) {
        away = true;
        open.forEach(connection -> connection.stall(nanos));
        scheduler.in(nanos, actor, "back", () -> away = false);
    }

    void heal() {
        away = false;
        mostLatencyMicros = 300;
    }
}
