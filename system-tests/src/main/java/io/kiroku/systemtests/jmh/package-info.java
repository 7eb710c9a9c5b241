/** Microbenchmarks of what is done for each segment, between a log file and a receipt. */
@NullMarked
package io.kiroku.systemtests.jmh;

import org.jspecify.annotations.NullMarked;
