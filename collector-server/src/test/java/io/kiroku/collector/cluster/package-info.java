/** Tests of what is asked of the cluster. */
@NullMarked
package io.kiroku.collector.cluster;

import org.jspecify.annotations.NullMarked;
