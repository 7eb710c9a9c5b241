/** The promises of the design, each tested on the whole system as processes. */
@NullMarked
package io.kiroku.systemtests.promises;

import org.jspecify.annotations.NullMarked;
