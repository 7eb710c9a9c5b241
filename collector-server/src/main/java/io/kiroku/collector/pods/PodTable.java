package io.kiroku.collector.pods;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a cluster's pods: the sum of its {@link Observation}s. Used by any thread.
 */
public final class PodTable {
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<String, Map<String, ClusterEvent>> events = new HashMap<>();
    private final Map<String, List<Preservation>> preserved = new HashMap<>();

    /** Takes up an observation. */
    public synchronized void add(Observation observation) {
        switch (observation) {
            case Observation.PodSeen seen -> pods.put(seen.pod().uid(), seen.pod());
            case Observation.EventSeen seen ->
                events.computeIfAbsent(seen.event().aboutUid(), _ -> new LinkedHashMap<>())
                        .put(seen.event().uid(), seen.event());
            case Observation.Preserved marked ->
                preserved
                        .computeIfAbsent(marked.preservation().podUid(), _ -> new ArrayList<>())
                        .add(marked.preservation());
            case Observation.Watch _ -> {}
        }
    }

    /** All pods, in the order in which they were first seen. */
    public synchronized List<Pod> pods() {
        return List.copyOf(pods.values());
    }

    /** The pod whose logs have that uid in their paths. */
    public synchronized Optional<Pod> ofLogs(String logUid) {
        return pods.values().stream().filter(pod -> pod.logUid().equals(logUid)).findFirst();
    }

    /** The events about what has that uid, in the order in which they were first seen. */
    public synchronized List<ClusterEvent> eventsOf(String uid) {
        Collection<ClusterEvent> found = events.getOrDefault(uid, Map.of()).values();
        return List.copyOf(found);
    }

    /** The marks of a pod, by its uid. */
    public synchronized List<Preservation> preservationsOf(String podUid) {
        return List.copyOf(preserved.getOrDefault(podUid, List.of()));
    }
}
