package io.kiroku.collector.pods;

import java.time.Instant;

/** One line of the chained source in which a cluster's pods are kept: what was seen, and when, on the collector's clock. */
public sealed interface Observation {
    Instant at();

    /** A pod is there, has changed, or is gone ({@link Pod#gone}). Its instances are those that this report told of. */
    record PodSeen(Instant at, Pod pod) implements Observation {}

    /** An event has happened, or happened again. */
    record EventSeen(Instant at, ClusterEvent event) implements Observation {}

    /** Logs were marked. */
    record Preserved(Instant at, Preservation preservation) implements Observation {}

    /**
     * The watch of the pods began, broke or was taken up again: what happened while it was broken is known by its outcome only.
     *
     * @param at when; of a break, when it was last known to hold
     * @param holds whether changes are seen from now on
     * @param sentence why, for people
     */
    record Watch(Instant at, boolean holds, String sentence) implements Observation {}
}
