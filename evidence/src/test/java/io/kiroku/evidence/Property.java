package io.kiroku.evidence;

import java.time.Duration;

/**
 * Runs a property on many seeded choices. When it fails, the message names the seed of that one case;
 * {@code -Dkiroku.seed=SEED} makes it the first case of the next run.
 */
public final class Property {
    /** What has to be true of every case: it throws if it is not. */
    public interface Body {
        void hold(Dice dice) throws Exception;
    }

    private static final long FIRST_SEED = Long.getLong("kiroku.seed", System.nanoTime());

    private Property() {}

    public static void holds(int cases, Body body) {
        for (int i = 0; i < cases; i++) {
            hold(body, seed(i));
        }
    }

    /** Goes on for {@code kiroku.fuzz.seconds}, one second if that is not said. At least one case. */
    public static void holdsForSomeTime(Body body) {
        Duration time = Duration.ofSeconds(Long.getLong("kiroku.fuzz.seconds", 1));
        long began = System.nanoTime();
        long i = 0;
        do {
            hold(body, seed(i++));
        } while (System.nanoTime() - began < time.toNanos());
    }

    private static void hold(Body body, long seed) {
        try {
            body.hold(new Dice(seed));
        } catch (Exception | AssertionError | StackOverflowError failure) {
            throw new AssertionError("fails with -Dkiroku.seed=" + seed + ": " + failure, failure);
        }
    }

    /** SplitMix64's step, so that neighbouring cases have nothing in common. */
    private static long seed(long i) {
        if (i == 0) {
            return FIRST_SEED;
        }
        long z = FIRST_SEED + i * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
