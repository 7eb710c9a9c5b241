/** Benchmarks: programs that measure the whole system against the limit of the machine, in the same run. */
@NullMarked
package io.kiroku.systemtests.bench;

import org.jspecify.annotations.NullMarked;
