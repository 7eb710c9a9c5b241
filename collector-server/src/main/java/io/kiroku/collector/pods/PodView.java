package io.kiroku.collector.pods;

import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.NamedPod;
import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that is known of a pod: what the cluster said, what was captured of its logs, or both.
 *
 * @param logUid the uid in the paths of its logs
 * @param node where it ran; empty if that is not known
 * @param told what the cluster said; empty if it said nothing, so that all of this comes from paths
 * @param logs the sources of its containers' instances, each instance once, in the order in which they began
 * @param preserved the marks on its logs
 */
public record PodView(
        String namespace,
        String name,
        String logUid,
        String node,
        Optional<Pod> told,
        List<Source> logs,
        List<Preservation> preserved) {
    /** What is held of what a pod's containers wrote. */
    public enum Captured {
        /** All of it, as far as is known. */
        WHOLE,
        /** A part: bytes are declared lost, or of an instance that ran there is nothing. */
        GAPS,
        /** Nothing. */
        NONE
    }

    /** One life of a container, by which the cluster's word and a log are put together. */
    record Life(String container, int restart) {
        static Life of(Source source) {
            PodLogPath path = path(source);
            return new Life(path.container(), path.restart());
        }

        static Life of(Instance instance) {
            return new Life(instance.container(), instance.restart());
        }
    }

    /** Copies the collections. */
    public PodView {
        logs = List.copyOf(logs);
        preserved = List.copyOf(preserved);
    }

    static PodLogPath path(Source source) {
        PodLogPath path = source.pod();
        if (path == null) {
            throw new IllegalArgumentException("expected the log of a pod, found " + source.path());
        }
        return path;
    }

    /** In a word, as {@code kubectl get pods} has it; {@code Deleted} once it is gone, {@code Unknown} if nobody told. */
    public String status() {
        return told.map(PodStatus::of).orElse("Unknown");
    }

    /**
     * Whether it is gone or has ended. Of a pod that the cluster did not tell of: whether none of its logs is being followed.
     */
    public boolean isDead() {
        return told.map(Pod::isDead)
                .orElseGet(() -> logs.stream().noneMatch(source -> source.state() == Source.State.FOLLOWING));
    }

    /** How often its containers were started again, all together. */
    public int restarts() {
        Map<String, Integer> most = new TreeMap<>();
        ran().forEach(life -> most.merge(life.container(), life.restart(), Math::max));
        return most.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Every life that is known to have begun. */
    private Set<Life> ran() {
        Set<Life> ran = new HashSet<>();
        logs.forEach(source -> ran.add(Life.of(source)));
        told.ifPresent(pod ->
                pod.instances().stream().filter(PodView::hasRun).forEach(instance -> ran.add(Life.of(instance))));
        return ran;
    }

    /** Whether it was ever started: what could not be started has no log, and begins at the Unix epoch. */
    static boolean hasRun(Instance instance) {
        return instance.state() != Instance.State.WAITING
                && instance.started().filter(at -> at.isAfter(Instant.EPOCH)).isPresent();
    }

    /** The instance that ended last. */
    public Optional<Instance> lastEnd() {
        return told.flatMap(pod -> pod.instances().stream()
                .filter(instance -> instance.state() == Instance.State.TERMINATED)
                .max(Comparator.comparing(
                                (Instance instance) -> instance.finished().orElse(Instant.EPOCH))
                        .thenComparingInt(Instance::restart)));
    }

    /** When it was created; if the cluster did not tell, when something of it was captured first. */
    public Instant born() {
        return told.map(Pod::created)
                .orElseGet(() -> logs.stream()
                        .map(Source::first)
                        .min(Comparator.naturalOrder())
                        .orElse(Instant.EPOCH));
    }

    /** When it was seen to be gone, or its last container ended; empty while it lives, or if that is not known. */
    public Optional<Instant> died() {
        if (!isDead()) {
            return Optional.empty();
        }
        if (told.isEmpty()) {
            return logs.stream().map(Source::last).max(Comparator.naturalOrder());
        }
        return told.get().gone().or(() -> lastEnd().flatMap(Instance::finished));
    }

    /** What is held of its logs. */
    public Captured captured() {
        if (logs.isEmpty()) {
            return Captured.NONE;
        }
        Set<Life> held = new HashSet<>();
        logs.forEach(source -> held.add(Life.of(source)));
        boolean whole = held.containsAll(ran())
                && logs.stream()
                        .noneMatch(source -> source.gaps().count() > 0
                                || source.state() == Source.State.LOST
                                || source.state() == Source.State.CUT_OFF);
        return whole ? Captured.WHOLE : Captured.GAPS;
    }

    /** Until when its logs are marked as preserved; of several marks the last. */
    public Optional<Instant> preservedUntil() {
        return preserved.stream().map(Preservation::until).max(Comparator.naturalOrder());
    }

    /** Whether the pod or an instance of it ended or waits for that reason; upper and lower case are the same. */
    boolean hasReason(String reason) {
        return status().equalsIgnoreCase(reason)
                || told.filter(pod -> pod.reason().equalsIgnoreCase(reason)
                                || pod.instances().stream()
                                        .anyMatch(instance -> instance.reason().equalsIgnoreCase(reason)))
                        .isPresent();
    }

    /** What helps to choose it. */
    NamedPod named() {
        return new NamedPod(
                namespace,
                name,
                logUid,
                node,
                status(),
                !ran().isEmpty(),
                told.map(Pod::owners).orElse(List.of()).stream()
                        .map(owner -> new KindName(owner.kind(), owner.name()))
                        .toList(),
                told.<Map<String, String>>map(Pod::labels).orElse(Map.of()));
    }

    /** What the cluster told of pods, for the selection of logs. */
    public static List<NamedPod> named(Collection<Pod> told) {
        return told.stream()
                .map(pod -> new PodView(
                                pod.namespace(),
                                pod.name(),
                                pod.logUid(),
                                pod.node(),
                                Optional.of(pod),
                                List.of(),
                                List.of())
                        .named())
                .toList();
    }
}
