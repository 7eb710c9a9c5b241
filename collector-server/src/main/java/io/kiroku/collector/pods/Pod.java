package io.kiroku.collector.pods;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
 * @param missedSince of a pod that was found to be missing: when it was last known to be there. It went between then and {@code gone},
 *     and nobody saw when; empty if its deletion was seen
 * @param phase {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}
 * @param reason of the pod as a whole: {@code Evicted}, {@code NodeLost}, ...; may be empty
 * @param message may be empty
 * @param instances lives of its containers, by kind, container and restart: in a report those that it tells of, in a {@link PodTable}
 *     all that were ever reported
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
        Optional<Instant> missedSince,
        String phase,
        String reason,
        String message,
        List<Instance> instances) {
    /** What {@link #reason} is when the kubelet has evicted it. */
    public static final String EVICTED = "Evicted";

    private static final Comparator<Instance> ORDER = Comparator.comparing(Instance::kind)
            .thenComparing(Instance::container)
            .thenComparingInt(Instance::restart);

    /** Copies the collections, and puts the instances in order. */
    public Pod {
        owners = List.copyOf(owners);
        labels = sorted(labels);
        instances = instances.stream().sorted(ORDER).toList();
    }

    private static SortedMap<String, String> sorted(Map<String, String> labels) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /** Whether nothing of it runs any more: it is gone, or has ended. */
    public boolean isDead() {
        return gone.isPresent() || phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** How it is known that it is gone, in one sentence for people; empty while it is there. */
    public String goneInWords() {
        if (gone.isEmpty()) {
            return "";
        }
        return missedSince.isEmpty()
                ? "its deletion was seen at %s".formatted(gone.get())
                : "it was found missing at %s, and was there at %s; when it was deleted in between is not known"
                        .formatted(gone.get(), missedSince.get());
    }

    /** What is known once this has been reported after that: the newest, with the instances of both. */
    Pod after(Pod before) {
        List<Instance> merged = new ArrayList<>(before.instances);
        for (Instance told : instances) {
            int known = 0;
            while (known < merged.size() && !merged.get(known).isSameLife(told)) {
                known++;
            }
            if (known < merged.size()) {
                merged.set(known, told.after(merged.get(known)));
            } else {
                merged.add(told);
            }
        }
        return new Pod(
                namespace,
                name,
                uid,
                logUid,
                node.isEmpty() ? before.node : node,
                owners.size() < before.owners.size() ? before.owners : owners,
                labels,
                created,
                deletion.or(before::deletion),
                gone,
                missedSince,
                phase,
                reason,
                message,
                merged);
    }

    /** The same with other instances. */
    Pod withInstances(List<Instance> others) {
        return new Pod(
                namespace,
                name,
                uid,
                logUid,
                node,
                owners,
                labels,
                created,
                deletion,
                gone,
                missedSince,
                phase,
                reason,
                message,
                others);
    }

    /** The same with other owners. */
    Pod withOwners(List<Owner> others) {
        return new Pod(
                namespace,
                name,
                uid,
                logUid,
                node,
                others,
                labels,
                created,
                deletion,
                gone,
                missedSince,
                phase,
                reason,
                message,
                instances);
    }

    /**
     * The same, gone.
     *
     * @param at when that was seen
     * @param since when it was last known to be there, if its deletion was not seen
     */
    Pod gone(Instant at, Optional<Instant> since) {
        return new Pod(
                namespace,
                name,
                uid,
                logUid,
                node,
                owners,
                labels,
                created,
                deletion,
                Optional.of(at),
                since,
                phase,
                reason,
                message,
                instances);
    }
}
