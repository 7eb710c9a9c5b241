/** Tests of what has checkpoints stamped. */
@NullMarked
package io.kiroku.collector.stamp;

import org.jspecify.annotations.NullMarked;
