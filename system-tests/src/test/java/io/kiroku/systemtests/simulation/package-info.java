/** The simulation of the whole system, run and held to what it promises itself. */
@NullMarked
package io.kiroku.systemtests.simulation;

import org.jspecify.annotations.NullMarked;
