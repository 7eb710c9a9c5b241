package io.kiroku.systemtests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.simulation.mutants.Hunt;
import io.kiroku.systemtests.simulation.mutants.Mutant;
import io.kiroku.systemtests.simulation.mutants.Mutants;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The simulation can fail: it finds bugs that are seeded on purpose. Those that take few seeds are hunted here; all of them
 * with {@code -Dkiroku.simulation.mutants=10000}, the number of seeds that each may take.
 */
class MutantsTest {
    private static final int SEEDS = Integer.getInteger("kiroku.simulation.mutants", 0);

    /** What a bug may take that is hunted in every build. */
    private static final int FEW = 300;

    static List<Mutant> hunted() {
        return Mutants.ALL.stream()
                .filter(mutant -> SEEDS > 0 || mutant.isQuick())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("hunted")
    void isCaught(Mutant mutant) {
        assertThat(new Hunt(mutant).seedsUntilCaught(1, SEEDS > 0 ? SEEDS : FEW))
                .as("seeds that it took to find: %s", mutant.name())
                .isPositive();
    }

    @Test
    void thereAreMany() {
        assertThat(hunted()).hasSizeGreaterThanOrEqualTo(10);
        assertThat(Mutants.ALL).extracting(Mutant::name).doesNotHaveDuplicates();
    }
}
