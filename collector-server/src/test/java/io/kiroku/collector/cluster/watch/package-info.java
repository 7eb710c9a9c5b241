/** Tests of what is watched in a cluster. */
@NullMarked
package io.kiroku.collector.cluster.watch;

import org.jspecify.annotations.NullMarked;
