package io.kiroku.systemtests.process;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waiting for a condition, with a bound. */
public final class Await {
    private static final Duration LOOK = Duration.ofMillis(25);

    /** A question whose answer may need the file system or the network. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    private Await() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @param what completes the sentence "expected ... within 5 s"
     * @param found says what is the case, when the condition did not hold in time
     * @throws AssertionError if it does not hold within the bound
     */
    public static void until(Duration bound, String what, Supplier<String> found, Condition condition)
            throws Exception {
        until(bound, LOOK, what, found, condition);
    }

    /** As above, where it is asked so often that asking costs what is asked something. */
    public static void until(Duration bound, Duration every, String what, Supplier<String> found, Condition condition)
            throws Exception {
        long end = System.nanoTime() + bound.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "expected %s within %d s, found %s".formatted(what, bound.toSeconds(), found.get()));
            }
            TimeUnit.NANOSECONDS.sleep(every.toNanos());
        }
    }

    /** As above, where there is nothing more to say. */
    public static void until(Duration bound, String what, Condition condition) throws Exception {
        until(bound, what, () -> "that it does not hold", condition);
    }
}
