package io.kiroku.collector.pods;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A pod, as the cluster's API server described it last.
 *
 * @param uid {@code metadata.uid}
 * @param logUid the uid in the paths of its logs: its own; of a static pod the one that {@code kubernetes.io/config.mirror} names
 * @param node where it runs; empty before it is scheduled
 * @param owners the nearest first, up to the top: a ReplicaSet, then its Deployment
 * @param created {@code metadata.creationTimestamp}
 * @param deletion {@code metadata.deletionTimestamp}: by then it is to be gone
 * @param gone when it was seen to be gone; empty while it is there
 * @param phase {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}
 * @param reason of the pod as a whole: {@code Evicted}, {@code NodeLost}, ...; may be empty
 * @param message may be empty
 * @param instances all lives of its containers that were ever reported, by container, then by restart
 */
public record Pod(
        String namespace,
        String name,
        String uid,
        String logUid,
        String node,
        List<Owner> owners,
        SortedMap<String, String> labels,
        Instant created,
        Optional<Instant> deletion,
        Optional<Instant> gone,
        String phase,
        String reason,
        String message,
        List<Instance> instances) {
    /** Copies the collections. */
    public Pod {
        owners = List.copyOf(owners);
        labels = sorted(labels);
        instances = List.copyOf(instances);
    }

    private static SortedMap<String, String> sorted(Map<String, String> labels) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /** Whether nothing of it runs any more: it is gone, or has ended. */
    public boolean isDead() {
        return gone.isPresent() || phase.equals("Succeeded") || phase.equals("Failed");
    }
}
