/** What the cluster's API server says of pods, their events and their owners: listed, watched, and put on record. */
@NullMarked
package io.kiroku.collector.cluster.watch;

import org.jspecify.annotations.NullMarked;
