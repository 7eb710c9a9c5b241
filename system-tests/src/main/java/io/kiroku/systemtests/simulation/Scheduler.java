package io.kiroku.systemtests.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and who is to act when. One thread runs everything: an actor stands for one thread of one process, and
 * while it waits for a disk or a system call, the others act. They do so on top of its stack, so it goes on no earlier
 * than they come back; that is one of the orders that real threads may take.
 */
final class Scheduler {
    /** Actors that wait on top of each other; beyond it, time passes without anybody acting. */
    private static final int MOST_DEPTH = 6;

    /** A process: its actors end with it. */
    static final class SimProcess {
        private boolean alive = true;

        boolean isAlive() {
            return alive;
        }

        /** Ends it. An actor that is waiting comes back with {@link Killed}. */
        void end() {
            alive = false;
        }
    }

    /** The process has been ended while it was waiting; nobody may catch this but the scheduler. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("the process was killed", null, false, false);
        }
    }

    /** One thread of a process. */
    static final class Actor {
        private final SimProcess process;
        private final String name;
        private boolean waiting;
        private final Deque<Event> postponed = new ArrayDeque<>();

        Actor(SimProcess process, String name) {
            this.process = process;
            this.name = name;
        }

        SimProcess process() {
            return process;
        }

        String name() {
            return name;
        }
    }

    private record Event(long at, long order, Actor actor, String what, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Trace trace;
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long now;
    private long order;
    private int depth;
    private @Nullable Actor current;

    Scheduler(Trace trace) {
        this.trace = trace;
    }

    /** Virtual time in nanoseconds since the beginning. */
    long now() {
        return now;
    }

    Trace trace() {
        return trace;
    }

    /** Takes down what the present actor does. */
    void record(String what, long a, long b) {
        trace.event(now, current == null ? "world" : current.name, what, a, b);
    }

    /** Says something to whoever listens. */
    void note(String format, Object... arguments) {
        trace.note(now, current == null ? "world" : current.name, format, arguments);
    }

    /** The actor does something, so many nanoseconds from now. */
    void in(long nanos, Actor actor, String what, Runnable task) {
        queue.add(new Event(now + Math.max(0, nanos), order++, actor, what, task));
    }

    /** Lets so much time pass. */
    void run(long nanos) {
        runUntil(now + nanos);
    }

    private void runUntil(long end) {
        for (Event next = queue.peek(); next != null && next.at <= end; next = queue.peek()) {
            queue.remove();
            now = Math.max(now, next.at);
            if (!next.actor.process.alive) {
                continue;
            }
            if (next.actor.waiting) {
                next.actor.postponed.add(next);
            } else {
                act(next);
            }
        }
        now = Math.max(now, end);
    }

    private void act(Event event) {
        Actor before = current;
        current = event.actor;
        trace.event(now, event.actor.name, event.what, 0, 0);
        try {
            event.task.run();
        } catch (Killed killed) {
            if (event.actor.process.alive) {
                throw new Violation("an actor was killed, and its process lives", killed);
            }
        } catch (RuntimeException defect) {
            throw new Violation("%s: %s: %s".formatted(event.actor.name, event.what, defect), defect);
        } finally {
            current = before;
        }
    }

    /** The present actor waits; the others act meanwhile. Does nothing where nobody acts. */
    void await(long nanos) {
        Actor actor = current;
        if (actor == null) {
            return;
        }
        if (depth >= MOST_DEPTH) {
            now += nanos;
        } else {
            depth++;
            actor.waiting = true;
            try {
                runUntil(now + nanos);
            } finally {
                depth--;
                actor.waiting = false;
                current = actor;
            }
            actor.postponed.forEach(event -> queue.add(new Event(now, order++, event.actor, event.what, event.task)));
            actor.postponed.clear();
        }
        check(actor);
    }

    /** Ends the present actor if its process has been ended. */
    void check() {
        if (current != null) {
            check(current);
        }
    }

    private static void check(Actor actor) {
        if (!actor.process.alive) {
            throw new Killed();
        }
    }
}
