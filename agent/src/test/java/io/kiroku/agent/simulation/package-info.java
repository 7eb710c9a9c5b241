/** Stand-ins for what an agent stands on: a disk that forgets, a kernel with files that rotate at will, seeded chance. */
@NullMarked
package io.kiroku.agent.simulation;

import org.jspecify.annotations.NullMarked;
