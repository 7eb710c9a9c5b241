package io.kiroku.collector.pods;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/**
 * What is known of a cluster's pods: the sum of its {@link Observation}s. Bounded: pods that are there are all kept, of those that are
 * gone the {@link #MOST_GONE} that went last, of events the newest ones. Used by any thread.
 */
public final class PodTable {
    /** Pods that are gone, at most. */
    public static final int MOST_GONE = 20_000;

    /** Instances of one pod, at most: the first and the last ones are kept. */
    public static final int MOST_INSTANCES = 256;

    /** Events about one object, at most. */
    public static final int MOST_EVENTS_OF_ONE = 100;

    /** Events about all objects, at most. */
    public static final int MOST_EVENTS = 50_000;

    /** Breaks of the watch and their ends, at most. */
    public static final int MOST_BREAKS = 256;

    /** Marks of one pod, at most. */
    private static final int MOST_MARKS = 1_024;

    private static final int MOST_FIRST_INSTANCES = 16;

    private static final Comparator<ClusterEvent> BY_TIME = Comparator.comparing(ClusterEvent::last);

    /**
     * What was known once and is not kept here, though the source of the observations has it.
     *
     * @param pods that are gone
     * @param instances of pods with very many
     * @param events the oldest
     */
    public record LeftOut(long pods, long instances, long events) {}

    /** A kind of owner, its namespace and its name. */
    private record OwnerKey(String namespace, String kind, String name) {}

    private final SequencedMap<String, Pod> pods = new LinkedHashMap<>();
    private final SequencedSet<String> gone = new LinkedHashSet<>();
    private final Map<String, String> byLogUid = new HashMap<>();
    private final Map<OwnerKey, SequencedSet<String>> byOwner = new HashMap<>();
    private final Map<String, SequencedMap<String, ClusterEvent>> events = new HashMap<>();
    private final SequencedMap<String, String> eventsByAge = new LinkedHashMap<>();
    private final Map<String, List<Preservation>> preserved = new HashMap<>();
    private final List<Observation.Watch> watches = new ArrayList<>();
    private Optional<Instant> newest = Optional.empty();
    private boolean holds;
    private long podsLeftOut;
    private long instancesLeftOut;
    private long eventsLeftOut;

    /** Takes up an observation. */
    public synchronized void add(Observation observation) {
        switch (observation) {
            case Observation.PodSeen seen -> see(seen.pod());
            case Observation.EventSeen seen -> see(seen.event());
            case Observation.Preserved marked -> mark(marked.preservation());
            case Observation.Watch watch -> {
                watches.add(watch);
                if (watches.size() > MOST_BREAKS) {
                    watches.removeFirst();
                }
                holds = watch.holds();
                newest = Optional.of(watch.at());
            }
        }
        if (holds && newest.filter(at -> at.isAfter(observation.at())).isEmpty()) {
            newest = Optional.of(observation.at());
        }
    }

    private void see(Pod told) {
        Pod before = pods.get(told.uid());
        Pod pod = bounded(before == null ? told : told.after(before));
        pods.put(pod.uid(), pod);
        if (before != null) {
            forgetOwners(before);
        }
        for (Owner owner : pod.owners()) {
            byOwner.computeIfAbsent(key(pod, owner), _ -> new LinkedHashSet<>()).add(pod.uid());
        }
        byLogUid.put(pod.logUid(), pod.uid());
        if (pod.gone().isEmpty()) {
            gone.remove(pod.uid());
        } else if (gone.add(pod.uid()) && gone.size() > MOST_GONE) {
            leaveOut(gone.removeFirst());
        }
    }

    private Pod bounded(Pod pod) {
        int over = pod.instances().size() - MOST_INSTANCES;
        if (over <= 0) {
            return pod;
        }
        List<Instance> kept = new ArrayList<>(pod.instances());
        kept.subList(MOST_FIRST_INSTANCES, MOST_FIRST_INSTANCES + over).clear();
        instancesLeftOut += over;
        return pod.withInstances(kept);
    }

    private void leaveOut(String uid) {
        Pod pod = pods.remove(uid);
        if (pod != null) {
            podsLeftOut++;
            forgetOwners(pod);
            byLogUid.remove(pod.logUid(), uid);
            preserved.remove(uid);
            SequencedMap<String, ClusterEvent> about = events.remove(uid);
            if (about != null) {
                about.keySet().forEach(eventsByAge::remove);
                eventsLeftOut += about.size();
            }
        }
    }

    private void forgetOwners(Pod pod) {
        for (Owner owner : pod.owners()) {
            OwnerKey key = key(pod, owner);
            SequencedSet<String> owned = byOwner.get(key);
            if (owned != null && owned.remove(pod.uid()) && owned.isEmpty()) {
                byOwner.remove(key);
            }
        }
    }

    private static OwnerKey key(Pod pod, Owner owner) {
        return new OwnerKey(pod.namespace(), owner.kind(), owner.name());
    }

    private void see(ClusterEvent event) {
        forget(event.uid());
        events.computeIfAbsent(event.aboutUid(), _ -> new LinkedHashMap<>()).put(event.uid(), event);
        eventsByAge.put(event.uid(), event.aboutUid());
        SequencedMap<String, ClusterEvent> about = events.getOrDefault(event.aboutUid(), new LinkedHashMap<>());
        if (about.size() > MOST_EVENTS_OF_ONE) {
            forget(about.firstEntry().getKey());
            eventsLeftOut++;
        }
        if (eventsByAge.size() > MOST_EVENTS) {
            forget(eventsByAge.firstEntry().getKey());
            eventsLeftOut++;
        }
    }

    private void forget(String eventUid) {
        String about = eventsByAge.remove(eventUid);
        SequencedMap<String, ClusterEvent> others = about == null ? null : events.get(about);
        if (others != null) {
            others.remove(eventUid);
            if (others.isEmpty()) {
                events.remove(about);
            }
        }
    }

    private void mark(Preservation mark) {
        List<Preservation> marks = preserved.computeIfAbsent(mark.podUid(), _ -> new ArrayList<>());
        if (marks.stream().noneMatch(mark::isSameMark)) {
            marks.add(mark);
            if (marks.size() > MOST_MARKS) {
                marks.removeFirst();
            }
        }
    }

    /** All pods, in the order in which they were first seen. */
    public synchronized List<Pod> pods() {
        return List.copyOf(pods.values());
    }

    /** How many pods are known, those that are gone included. */
    public synchronized int size() {
        return pods.size();
    }

    /** How many of them are gone. */
    public synchronized int goneSize() {
        return gone.size();
    }

    /** The uids of the pods that are not gone, as far as is known. */
    public synchronized Set<String> there() {
        Set<String> there = new LinkedHashSet<>(pods.keySet());
        there.removeAll(gone);
        return there;
    }

    /** The pod with that {@code metadata.uid}. */
    public synchronized Optional<Pod> pod(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    /** The pod whose logs have that uid in their paths; of several the newest. */
    public synchronized Optional<Pod> ofLogs(String logUid) {
        return Optional.ofNullable(byLogUid.get(logUid)).map(pods::get);
    }

    /**
     * The pods that an owner has or had, directly or through others, in the order in which they were first seen.
     *
     * @param kind as Kubernetes writes it: {@code Deployment}, {@code Job}, ...
     */
    public synchronized List<Pod> ofOwner(String namespace, String kind, String name) {
        SequencedSet<String> owned = byOwner.get(new OwnerKey(namespace, kind, name));
        if (owned == null) {
            return List.of();
        }
        return pods.values().stream().filter(pod -> owned.contains(pod.uid())).toList();
    }

    /** The events about what has that uid, by the time when they happened last. */
    public synchronized List<ClusterEvent> eventsOf(String uid) {
        SequencedMap<String, ClusterEvent> found = events.get(uid);
        return found == null
                ? List.of()
                : found.values().stream().sorted(BY_TIME).toList();
    }

    /** The event with that {@code metadata.uid}. */
    public synchronized Optional<ClusterEvent> event(String uid) {
        String about = eventsByAge.get(uid);
        SequencedMap<String, ClusterEvent> found = about == null ? null : events.get(about);
        return found == null ? Optional.empty() : Optional.ofNullable(found.get(uid));
    }

    /** How many events are known. */
    public synchronized int events() {
        return eventsByAge.size();
    }

    /** The marks of a pod, by its uid. */
    public synchronized List<Preservation> preservationsOf(String podUid) {
        return List.copyOf(preserved.getOrDefault(podUid, List.of()));
    }

    /** When the watch of the pods began, broke and was taken up again, the last {@link #MOST_BREAKS} times. */
    public synchronized List<Observation.Watch> watches() {
        return List.copyOf(watches);
    }

    /** Until when changes of pods are known to have been seen without a break; empty if none ever was. */
    public synchronized Optional<Instant> seenUntil() {
        return newest;
    }

    public synchronized LeftOut leftOut() {
        return new LeftOut(podsLeftOut, instancesLeftOut, eventsLeftOut);
    }
}
