package io.kiroku.collector.pods;

import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Puts together what the cluster said of pods, and what was captured of their logs. */
public final class PodViews {
    private static final Comparator<PodView> ORDER = Comparator.comparing(PodView::namespace)
            .thenComparing(PodView::name)
            .thenComparing(PodView::born);

    /**
     * Whose logs they are. Namespace and name count as well as the uid: paths come from nodes, and no node can put what it sent
     * among the logs of another namespace's pod.
     */
    private record Key(String namespace, String name, String logUid) {
        static Key of(Pod pod) {
            return new Key(pod.namespace(), pod.name(), pod.logUid());
        }

        static Key of(PodLogPath path) {
            return new Key(path.namespace(), path.pod(), path.uid());
        }
    }

    private PodViews() {}

    /**
     * All pods, those of which nothing is known but their logs among them, by namespace, name and birth.
     *
     * @param sources any; what is no pod's log is passed over
     */
    public static List<PodView> join(PodTable table, List<Source> sources) {
        Map<Key, List<Source>> logs = new LinkedHashMap<>();
        for (Source source : sources) {
            PodLogPath path = source.pod();
            if (path != null) {
                logs.computeIfAbsent(Key.of(path), _ -> new ArrayList<>()).add(source);
            }
        }
        List<PodView> views = new ArrayList<>();
        Set<Key> untold = new LinkedHashSet<>(logs.keySet());
        for (Pod pod : table.pods()) {
            Key key = Key.of(pod);
            untold.remove(key);
            views.add(new PodView(
                    pod.namespace(),
                    pod.name(),
                    pod.logUid(),
                    pod.node(),
                    Optional.of(pod),
                    eachOnce(logs.getOrDefault(key, List.of())),
                    table.preservationsOf(pod.uid())));
        }
        for (Key key : untold) {
            List<Source> held = eachOnce(logs.getOrDefault(key, List.of()));
            views.add(new PodView(
                    key.namespace(),
                    key.name(),
                    key.logUid(),
                    held.getLast().node(),
                    Optional.empty(),
                    held,
                    table.preservationsOf(key.logUid())));
        }
        views.sort(ORDER);
        return views;
    }

    /** Each instance once: of several streams that have it, as after an agent lost its identity, the newest. */
    private static List<Source> eachOnce(List<Source> sources) {
        Map<PodView.Life, Source> newest = new LinkedHashMap<>();
        for (Source source : sources) {
            newest.merge(
                    PodView.Life.of(source),
                    source,
                    (one, other) -> other.last().isAfter(one.last()) ? other : one);
        }
        return newest.values().stream()
                .sorted(Comparator.comparing(Source::first)
                        .thenComparing((Source source) -> PodView.path(source).container())
                        .thenComparingInt(source -> PodView.path(source).restart()))
                .toList();
    }

    /** Those that are asked for. A pod's name is its exact name; if none is called so, the beginning of its name. */
    public static List<PodView> choose(List<PodView> views, PodRequest request) {
        List<PodView> some = views.stream().filter(request::includes).toList();
        if (request.target().isEmpty() || !request.target().get().isPod()) {
            return some;
        }
        String name = request.target().get().name();
        List<PodView> exactly = named(some, name).toList();
        return exactly.isEmpty()
                ? some.stream().filter(view -> view.name().startsWith(name)).toList()
                : exactly;
    }

    static Stream<PodView> named(List<PodView> views, String name) {
        return views.stream().filter(view -> view.name().equals(name));
    }
}
