package io.kiroku.systemtests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.simulation.mutants.Hunt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Promises 1 to 4 in simulated worlds, the same in every build: a world that nobody saw before may show what nobody caused.
 * {@code -Dkiroku.simulation.seeds=N} runs N others as well, however long that takes; {@code -Dkiroku.simulation.first=S} says
 * where to begin.
 */
class SimulationTest {
    private static final int FIXED = 2000;
    private static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);

    @Test
    void everythingHoldsInFixedWorlds() throws InterruptedException {
        AtomicLong next = new AtomicLong(1);
        run(next, () -> next.get() <= FIXED);
    }

    @Test
    @EnabledIfSystemProperty(named = "kiroku.simulation.seeds", matches = "\\d+")
    void everythingHoldsInOtherWorlds() throws InterruptedException {
        long count = Long.getLong("kiroku.simulation.seeds");
        long first = Long.getLong("kiroku.simulation.first", System.nanoTime() >>> 10);
        AtomicLong next = new AtomicLong(first);
        run(next, () -> next.get() < first + count);
    }

    private static void run(AtomicLong next, BooleanSupplier more) throws InterruptedException {
        long first = next.get();
        Soak.Sums sums = new Soak.Sums();
        List<String> failures = new ArrayList<>();
        Soak.run(
                next::getAndIncrement,
                () -> failures.isEmpty() && more.getAsBoolean(),
                THREADS,
                sums,
                outcome -> failures.add("seed %d: %s; replay it: system-tests/simulate --replay %d"
                        .formatted(outcome.seed(), outcome.violation(), outcome.seed())));
        System.out.printf(
                "simulation: %,d seeds from %d on, %,d events, %,d segments, %,d bytes of log%n",
                sums.seeds(), first, sums.events(), sums.segments(), sums.logBytes());
        assertThat(failures).isEmpty();
        assertThat(sums.seeds()).isPositive();
    }

    @Test
    void aReplayIsIdentical() {
        Hunt anew = new Hunt(null);
        for (long seed = 1; seed <= 8; seed++) {
            long hash = Simulation.run(seed).hash();
            assertThat(Simulation.run(seed).hash())
                    .as("seed %d, run again", seed)
                    .isEqualTo(hash);
            assertThat(anew.hashOf(seed))
                    .as("seed %d, by classes loaded anew", seed)
                    .isEqualTo(hash);
        }
    }

    @Test
    void otherSeedsAreOtherWorlds() {
        assertThat(Simulation.hash(1)).isNotEqualTo(Simulation.hash(2));
    }
}
