package io.kiroku.collector.pods;

import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.Source;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What there is to say of a pod that ended, or whose containers did.
 *
 * @param pod all that is known of it
 * @param lives of its containers, in the order in which they began
 * @param earlier how many lives before these are known and left out
 * @param events about the pod, in the order in which they happened
 */
public record Crash(PodView pod, List<Life> lives, int earlier, List<ClusterEvent> events) {
    /**
     * One life of a container. At least one of {@code told} and {@code log} is there: a life between two reports of the kubelet is
     * known by its log alone.
     *
     * @param told what the cluster said of it
     * @param log what was captured of it
     * @param end how its log ends
     * @param began by the kubelet's word, which is in whole seconds, and by its first line; without either by when something of its log
     *     was captured first. Not before the life of the container before it ended
     * @param ended by the kubelet's word and by its last line; of one that the cluster did not tell the end of, by its last line once its
     *     log has ended. Empty if it may live still
     */
    public record Life(
            String container,
            int restart,
            Optional<Instance> told,
            Optional<Source> log,
            LastLines.End end,
            Instant began,
            Optional<Instant> ended) {
        /** Whether the cluster said that it ended otherwise than well. */
        public boolean hasCrashed() {
            return told.filter(Instance::hasCrashed).isPresent();
        }
    }

    /** Copies the lists. */
    public Crash {
        lives = List.copyOf(lives);
        events = List.copyOf(events);
    }
}
