package io.kiroku.systemtests.simulation.mutants;

import io.kiroku.systemtests.simulation.Simulation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** Runs seeds against a mutant until one shows the bug. */
public final class Hunt {
    private static final String SIMULATION = Simulation.class.getName();

    private final MethodHandle violation;
    private final MethodHandle hash;
    private String lastViolation = "";

    /** @param mutant null to run the code as it is */
    public Hunt(@Nullable Mutant mutant) {
        try {
            MutantLoader loader = new MutantLoader(mutant);
            if (mutant != null) {
                // Now, so that a mutant that cannot be made is not taken for one that is caught.
                Class.forName(mutant.className(), true, loader);
            }
            Class<?> simulation = Class.forName(SIMULATION, true, loader);
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            violation = lookup.findStatic(simulation, "violation", MethodType.methodType(String.class, long.class));
            hash = lookup.findStatic(simulation, "hash", MethodType.methodType(long.class, long.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the simulation cannot be loaded anew", e);
        }
    }

    /** What a seed shows, in a sentence; null if nothing. */
    public @Nullable String violationOf(long seed) {
        try {
            return (String) violation.invoke(seed);
        } catch (Throwable e) {
            throw new IllegalStateException("the simulation cannot be run", e);
        }
    }

    /** The hash of everything that happens in a seed. */
    public long hashOf(long seed) {
        try {
            return (long) hash.invoke(seed);
        } catch (Throwable e) {
            throw new IllegalStateException("the simulation cannot be run", e);
        }
    }

    /** How many seeds from {@code first} on it takes until one shows something; 0 if none of {@code most} does. */
    public long seedsUntilCaught(long first, long most) {
        for (long tried = 1; tried <= most; tried++) {
            String sentence = violationOf(first + tried - 1);
            // Only what the code as it is does not show is the mutant's.
            if (sentence != null && Simulation.violation(first + tried - 1) == null) {
                lastViolation = sentence;
                return tried;
            }
        }
        return 0;
    }

    /** What the last seed showed that showed anything, in a sentence; empty if none did. */
    public String lastViolation() {
        return lastViolation;
    }
}
