/** Tests of what the benchmarks reckon with. */
@NullMarked
package io.kiroku.systemtests.bench;

import org.jspecify.annotations.NullMarked;
