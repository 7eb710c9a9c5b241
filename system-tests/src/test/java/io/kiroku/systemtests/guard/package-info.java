/** Bounds on what a byte of log costs, loose enough to hold on any machine. */
@NullMarked
package io.kiroku.systemtests.guard;

import org.jspecify.annotations.NullMarked;
