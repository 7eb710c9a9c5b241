package io.kiroku.systemtests.simulation.mutants;

import java.util.Set;

/**
 * A bug seeded on purpose: a method of a production class is another.
 *
 * @param name in few words
 * @param type of the changed class, behind {@code io.kiroku.}
 * @param methods whose code is changed
 * @param edit the change
 * @param isQuick whether it takes few seeds to catch it
 */
public record Mutant(String name, String type, Set<String> methods, Edit.Counted edit, boolean isQuick) {
    /** The same, for one that takes many seeds. */
    Mutant rare() {
        return new Mutant(name, type, methods, edit, false);
    }

    String className() {
        return "io.kiroku." + type;
    }

    @Override
    public String toString() {
        return name;
    }
}
