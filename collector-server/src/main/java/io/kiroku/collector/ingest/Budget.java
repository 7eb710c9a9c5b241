package io.kiroku.collector.ingest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Bytes that all connections share. Who finds too few left waits in a line. Used by any thread. */
final class Budget {
    /** Somebody who waits; {@code granted} is called by whichever thread gave back what was missing. */
    record Waiter(long bytes, Runnable granted) {}

    private final Deque<Waiter> line = new ArrayDeque<>();
    private long left;

    Budget(long bytes) {
        left = bytes;
    }

    synchronized long left() {
        return left;
    }

    /** Takes the bytes now. False if there are too few, or others wait for theirs. */
    synchronized boolean take(long bytes) {
        if (!line.isEmpty() || bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }

    /** Takes the bytes as soon as there are enough, which may be at once. */
    void await(Waiter waiter) {
        synchronized (this) {
            line.add(waiter);
        }
        giveBack(0);
    }

    /** Leaves the line. False if the bytes have been taken already. */
    synchronized boolean leave(Waiter waiter) {
        return line.remove(waiter);
    }

    void giveBack(long bytes) {
        List<Waiter> served = new ArrayList<>();
        synchronized (this) {
            left += bytes;
            while (!line.isEmpty() && line.getFirst().bytes() <= left) {
                Waiter next = line.removeFirst();
                left -= next.bytes();
                served.add(next);
            }
        }
        served.forEach(waiter -> waiter.granted().run());
    }
}
