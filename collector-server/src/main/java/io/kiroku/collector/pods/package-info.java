/**
 * What is known of pods, dead or alive: what the cluster said of them, kept as evidence of its own, and the view of it. Knows
 * nothing of Kubernetes' client.
 */
@NullMarked
package io.kiroku.collector.pods;

import org.jspecify.annotations.NullMarked;
