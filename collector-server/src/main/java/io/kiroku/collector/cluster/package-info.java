/** What is asked of the cluster's API server. The only place that knows its client. */
@NullMarked
package io.kiroku.collector.cluster;

import org.jspecify.annotations.NullMarked;
