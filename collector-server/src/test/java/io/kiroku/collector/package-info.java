/** Tests of the collector as a whole, and what its tests share. */
@NullMarked
package io.kiroku.collector;

import org.jspecify.annotations.NullMarked;
