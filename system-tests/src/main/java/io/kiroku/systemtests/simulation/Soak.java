package io.kiroku.systemtests.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs many seeds on several threads; no two seeds share anything. */
public final class Soak {
    /** What seeds came to, in sum. Told by several threads, read by any. */
    public static final class Sums {
        private final AtomicLong seeds = new AtomicLong();
        private final AtomicLong failures = new AtomicLong();
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong segments = new AtomicLong();
        private final AtomicLong logBytes = new AtomicLong();
        private final AtomicLong virtualNanos = new AtomicLong();

        private void add(Simulation.Outcome outcome) {
            seeds.incrementAndGet();
            events.addAndGet(outcome.events());
            segments.addAndGet(outcome.segments());
            logBytes.addAndGet(outcome.logBytes());
            virtualNanos.addAndGet(outcome.virtualNanos());
            if (outcome.violation() != null) {
                failures.incrementAndGet();
            }
        }

        public long seeds() {
            return seeds.get();
        }

        public long failures() {
            return failures.get();
        }

        public long events() {
            return events.get();
        }

        public long segments() {
            return segments.get();
        }

        public long logBytes() {
            return logBytes.get();
        }

        public long virtualNanos() {
            return virtualNanos.get();
        }
    }

    private Soak() {}

    /**
     * Runs seeds until there are no more.
     *
     * @param seeds gives the next seed; called by one thread at a time
     * @param more whether another seed is to be run; called by one thread at a time, before each
     * @param sums takes in every seed
     * @param failed is told of every seed in which something did not hold; by one thread at a time
     */
    public static void run(
            LongSupplier seeds, BooleanSupplier more, int threads, Sums sums, Consumer<Simulation.Outcome> failed)
            throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Runnable work = () -> {
            for (@Nullable Long seed = next(lock, seeds, more); seed != null; seed = next(lock, seeds, more)) {
                Simulation.Outcome outcome = Simulation.run(seed);
                sums.add(outcome);
                if (outcome.violation() != null) {
                    lock.lock();
                    try {
                        failed.accept(outcome);
                    } finally {
                        lock.unlock();
                    }
                }
            }
        };
        List<Thread> running = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            running.add(Thread.ofPlatform().name("soak-" + i).daemon().start(work));
        }
        work.run();
        for (Thread thread : running) {
            thread.join();
        }
    }

    private static @Nullable Long next(ReentrantLock lock, LongSupplier seeds, BooleanSupplier more) {
        lock.lock();
        try {
            return more.getAsBoolean() ? seeds.getAsLong() : null;
        } finally {
            lock.unlock();
        }
    }
}
