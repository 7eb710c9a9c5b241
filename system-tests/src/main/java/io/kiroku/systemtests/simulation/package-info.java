/**
 * Agents, a collector, the network between them, their disks and the kubelet's habits in one thread under one seeded
 * scheduler with virtual time. The production code runs as it is; docs/SIMULATION.md says what is pretended.
 */
@NullMarked
package io.kiroku.systemtests.simulation;

import org.jspecify.annotations.NullMarked;
