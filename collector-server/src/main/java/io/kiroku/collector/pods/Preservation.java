package io.kiroku.collector.pods;

import java.time.Instant;

/**
 * That the logs of a pod are to be kept although nobody asked: a mark, whatever becomes of it.
 *
 * @param podUid {@code metadata.uid} of the pod
 * @param container whose instance; empty if the whole pod's logs are meant
 * @param restart which life of that container; 0 if the whole pod's logs are meant
 * @param cause what happened
 * @param since when it was marked
 * @param until by when the mark ends
 */
public record Preservation(String podUid, String container, int restart, Cause cause, Instant since, Instant until) {
    /** What happened. */
    public enum Cause {
        /** An instance ended with an exit code other than 0. */
        CRASHED,
        /** The kernel ended an instance because memory ran out. */
        OOM_KILLED,
        /** The kubelet took the pod from its node. */
        EVICTED,
        /** The pod was deleted, or is about to be. */
        DELETED
    }

    /** Whether both mark the same for the same cause: the first one counts. */
    boolean isSameMark(Preservation other) {
        return podUid.equals(other.podUid)
                && container.equals(other.container)
                && restart == other.restart
                && cause == other.cause;
    }
}
