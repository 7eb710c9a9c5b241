package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ring.WhenFull;

/**
 * Bounds of the agent on a node.
 *
 * @param extentLength bytes of an extent of the ring
 * @param extents number of extents
 * @param whenFull what is done when the ring is full of what the collector lacks
 * @param files files followed at a time
 * @param pins whether files can be pinned
 * @param pinnedBytes bytes that may be on disk only because the agent holds them
 * @param events length of the kernel's queue of events
 * @param shortReads whether reads give fewer bytes than there are, now and then
 * @param leases whether the kernel can tell who writes to a file
 * @param stumbles the agent's thread is held up in one of so many system calls
 */
record AgentLimits(
        int extentLength,
        int extents,
        WhenFull whenFull,
        int files,
        boolean pins,
        long pinnedBytes,
        int events,
        boolean shortReads,
        boolean leases,
        int stumbles) {}
