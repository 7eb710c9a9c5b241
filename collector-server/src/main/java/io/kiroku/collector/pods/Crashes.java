package io.kiroku.collector.pods;

import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.store.StoreReader;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts a crash together: the pod that is meant, its lives, how their logs end, and what happened around them. */
public final class Crashes {
    /** Pods of one owner, at most. */
    static final int MOST_PODS = 3;

    /** Lives of one pod, at most: the last ones. */
    static final int MOST_LIVES = 40;

    private static final int MOST_NAMED = 10;

    private Crashes() {}

    /**
     * The pod that is asked for; of an owner those that crashed last, the last one first.
     *
     * @param views of what the caller may read
     * @throws SelectionException if there is none
     */
    public static List<PodView> meant(List<PodView> views, CrashRequest request) throws SelectionException {
        List<PodView> there = views.stream()
                .filter(view ->
                        request.namespace().map(view.namespace()::equals).orElse(true))
                .toList();
        return request.target().isPod() ? List.of(pod(views, there, request)) : ofOwner(there, request);
    }

    private static PodView pod(List<PodView> all, List<PodView> there, CrashRequest request) throws SelectionException {
        String name = request.target().name();
        List<PodView> named = PodViews.named(there, name).toList();
        Set<String> namespaces = named.stream().map(PodView::namespace).collect(Collectors.toCollection(TreeSet::new));
        if (namespaces.size() > 1) {
            throw new SelectionException(
                    SelectionException.Reason.AMBIGUOUS,
                    "pod \"%s\" is in several namespaces, choose one with -n: %s".formatted(name, list(namespaces)));
        }
        return named.stream()
                .filter(view -> request.uid()
                        .map(uid -> view.logUid().startsWith(uid)
                                || view.told()
                                        .filter(pod -> pod.uid().startsWith(uid))
                                        .isPresent())
                        .orElse(true))
                .max(Comparator.comparing(PodView::born))
                .orElseThrow(() -> unknown(noSuchPod(all, named, request)));
    }

    private static String noSuchPod(List<PodView> all, List<PodView> named, CrashRequest request) {
        String name = request.target().name();
        if (!named.isEmpty()) {
            return "pod \"%s\" has no uid that begins with %s, choose one of: %s"
                    .formatted(
                            name,
                            request.uid().orElse(""),
                            list(named.stream().map(PodView::logUid).toList()));
        }
        Set<String> near = all.stream()
                .filter(view -> view.name().startsWith(name))
                .map(view -> view.namespace() + "/" + view.name())
                .collect(Collectors.toCollection(TreeSet::new));
        String missing = "pod \"%s\" is not known%s".formatted(name, where(request));
        return near.isEmpty()
                ? missing + "; kiroku pods lists what is"
                : missing + "; near it are (namespace/pod): " + list(near);
    }

    private static List<PodView> ofOwner(List<PodView> there, CrashRequest request) throws SelectionException {
        List<PodView> owned = there.stream()
                .filter(view -> PodRequest.isMeant(request.target(), view))
                .toList();
        if (owned.isEmpty()) {
            throw unknown(
                    "no pod of %s is known%s; kiroku pods lists what is".formatted(request.target(), where(request)));
        }
        List<PodView> crashed = owned.stream()
                .filter(view -> crashedAt(view).isPresent())
                .sorted(Comparator.comparing((PodView view) -> crashedAt(view).orElse(Instant.EPOCH))
                        .reversed())
                .limit(MOST_PODS)
                .toList();
        if (crashed.isEmpty()) {
            throw unknown(
                    "of the pods of %s none is known to have crashed (%d are known); kiroku crash POD shows one of them"
                            .formatted(request.target(), owned.size()));
        }
        return crashed;
    }

    /** When a container of it crashed last, or it failed as a whole; without the cluster's word, when it was started again. */
    private static Optional<Instant> crashedAt(PodView view) {
        if (view.told().isEmpty()) {
            return view.logs().stream()
                    .filter(source -> PodView.path(source).restart() > 0)
                    .map(Source::first)
                    .max(Comparator.naturalOrder());
        }
        Pod pod = view.told().get();
        Stream<Instant> instances = pod.instances().stream()
                .filter(Instance::hasCrashed)
                .map(instance -> instance.finished().or(instance::started).orElse(pod.created()));
        Stream<Instant> whole =
                pod.phase().equals("Failed") ? Stream.of(view.died().orElse(pod.created())) : Stream.of();
        return Stream.concat(instances, whole).max(Comparator.naturalOrder());
    }

    /** What there is to say of one pod. */
    public static Crash of(StoreReader store, PodTable table, PodView view, CrashRequest request)
            throws IOException, SelectionException {
        Map<PodView.Life, Source> logs = new LinkedHashMap<>();
        view.logs().forEach(source -> logs.put(PodView.Life.of(source), source));
        Map<PodView.Life, Instance> told = new LinkedHashMap<>();
        view.told()
                .ifPresent(pod -> pod.instances().stream()
                        .filter(instance -> instance.state() != Instance.State.WAITING)
                        .forEach(instance -> told.put(PodView.Life.of(instance), instance)));
        Set<PodView.Life> all = new HashSet<>(logs.keySet());
        all.addAll(told.keySet());
        requireContainer(all, view, request);
        List<PodView.Life> wanted = all.stream()
                .filter(life ->
                        request.container().map(life.container()::equals).orElse(true))
                .sorted(Comparator.comparing((PodView.Life life) -> roughly(life, told, logs))
                        .thenComparingInt(PodView.Life::restart)
                        .thenComparing(PodView.Life::container))
                .toList();
        int earlier = Math.max(0, wanted.size() - MOST_LIVES);
        List<PodView.Life> shown = wanted.subList(earlier, wanted.size()).stream()
                .sorted(Comparator.comparing(PodView.Life::container).thenComparingInt(PodView.Life::restart))
                .toList();
        Map<Source, LastLines.End> ends = LastLines.read(
                store,
                shown.stream()
                        .flatMap(life -> Optional.ofNullable(logs.get(life)).stream())
                        .toList(),
                request.lines());
        Lives lives = new Lives();
        for (PodView.Life life : shown) {
            Optional<Source> log = Optional.ofNullable(logs.get(life));
            lives.add(
                    life,
                    Optional.ofNullable(told.get(life)),
                    log,
                    log.map(ends::get).orElse(LastLines.End.NOTHING));
        }
        return new Crash(view, lives.inOrder(), earlier, events(table, view));
    }

    private static Instant roughly(
            PodView.Life life, Map<PodView.Life, Instance> told, Map<PodView.Life, Source> logs) {
        return Optional.ofNullable(told.get(life))
                .flatMap(Instance::started)
                .or(() -> Optional.ofNullable(logs.get(life)).map(Source::first))
                .orElse(Instant.EPOCH);
    }

    private static void requireContainer(Set<PodView.Life> all, PodView view, CrashRequest request)
            throws SelectionException {
        Set<String> containers =
                all.stream().map(PodView.Life::container).collect(Collectors.toCollection(TreeSet::new));
        if (request.container().isPresent()
                && !containers.contains(request.container().get())) {
            throw unknown("container %s is not valid for pod %s, choose one of: [%s]"
                    .formatted(request.container().get(), view.name(), String.join(" ", containers)));
        }
    }

    /** Those about the pod; of a mirror pod also those that name the uid in its paths, by which the kubelet knows it. */
    private static List<ClusterEvent> events(PodTable table, PodView view) {
        Map<String, ClusterEvent> found = new LinkedHashMap<>();
        List<String> uids = new ArrayList<>(List.of(view.logUid()));
        view.told().ifPresent(pod -> uids.add(pod.uid()));
        uids.forEach(uid -> table.eventsOf(uid).stream()
                .filter(event -> event.namespace().equals(view.namespace()))
                .forEach(event -> found.put(event.uid(), event)));
        return found.values().stream()
                .sorted(Comparator.comparing(ClusterEvent::first).thenComparing(ClusterEvent::last))
                .toList();
    }

    private static String where(CrashRequest request) {
        return request.namespace().map(name -> " in namespace \"" + name + "\"").orElse("");
    }

    private static SelectionException unknown(String sentence) {
        return new SelectionException(SelectionException.Reason.UNKNOWN, sentence);
    }

    private static String list(Collection<String> names) {
        String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return names.size() <= MOST_NAMED ? first : first + " and %d more".formatted(names.size() - MOST_NAMED);
    }
}
