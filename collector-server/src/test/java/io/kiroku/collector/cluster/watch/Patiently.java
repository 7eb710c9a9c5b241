package io.kiroku.collector.cluster.watch;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what other threads do. */
final class Patiently {
    private static final Duration MOST = Duration.ofSeconds(60);

    private Patiently() {}

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + MOST.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
