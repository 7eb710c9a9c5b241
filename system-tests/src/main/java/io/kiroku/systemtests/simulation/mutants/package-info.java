/** Bugs seeded on purpose into the production classes, to prove that the simulation finds them. */
@NullMarked
package io.kiroku.systemtests.simulation.mutants;

import org.jspecify.annotations.NullMarked;
