package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds what a selection means among the sources that there are, by the rules that {@code kubectl logs} has taught. */
final class SourceSelector {
    /** Names that a sentence lists at most. */
    private static final int MOST_NAMED = 10;

    private record Key(Octets stream, FilePath path) {
        static Key of(Source source) {
            return new Key(source.stream(), source.path());
        }
    }

    private final Selection selection;
    private final List<Source> all;
    private final List<String> notes = new ArrayList<>();

    private SourceSelector(Selection selection, List<Source> all) {
        this.selection = selection;
        this.all = all;
    }

    static Selected select(Selection selection, List<Source> all) throws SelectionException {
        return new SourceSelector(selection, all).select();
    }

    private Selected select() throws SelectionException {
        List<Source> chosen =
                selection.pod().isPresent() ? ofPod(selection.pod().get()) : ofPath();
        return new Selected(chosen, notes, includes(chosen));
    }

    private List<Source> ofPath() throws SelectionException {
        List<Source> matching = all.stream().filter(this::isMeant).toList();
        if (matching.isEmpty()) {
            throw unknown("no source has a path that matches %s%s; kiroku sources lists them"
                    .formatted(selection.path().map(PathGlob::toString).orElse(""), where()));
        }
        return onePer(matching, Source::path);
    }

    private List<Source> ofPod(String pod) throws SelectionException {
        List<Source> named = all.stream()
                .filter(this::isMeant)
                .filter(source -> podOf(source).pod().equals(pod))
                .filter(source -> selection
                        .namespace()
                        .map(podOf(source).namespace()::equals)
                        .orElse(true))
                .toList();
        if (named.isEmpty()) {
            throw unknown(noSuchPod(pod));
        }
        List<Source> one = ofUid(pod, ofNamespace(pod, named));
        List<Source> container = ofContainer(pod, one);
        return ofRestart(pod, onePer(container, source -> podOf(source).restart()));
    }

    private boolean isMeant(Source source) {
        return (selection.pod().isEmpty() || source.pod() != null)
                && selection.path().map(glob -> glob.matches(source.path())).orElse(true)
                && selection.node().map(source.node()::equals).orElse(true)
                && selection.stream()
                        .map(source.stream().toString()::startsWith)
                        .orElse(true);
    }

    private static PodLogPath podOf(Source source) {
        PodLogPath pod = source.pod();
        if (pod == null) {
            throw new IllegalStateException("only pods' sources come here");
        }
        return pod;
    }

    private static List<Source> ofNamespace(String pod, List<Source> named) throws SelectionException {
        Set<String> namespaces = distinct(named, source -> podOf(source).namespace());
        if (namespaces.size() > 1) {
            throw new SelectionException(
                    SelectionException.Reason.AMBIGUOUS,
                    "pod \"%s\" is in several namespaces, choose one with -n: %s".formatted(pod, list(namespaces)));
        }
        return named;
    }

    private List<Source> ofUid(String pod, List<Source> named) throws SelectionException {
        List<Source> wanted = named.stream()
                .filter(source ->
                        selection.uid().map(podOf(source).uid()::startsWith).orElse(true))
                .toList();
        if (wanted.isEmpty()) {
            throw unknown("pod \"%s\" has no uid that begins with %s, choose one of: %s"
                    .formatted(pod, selection.uid().orElse(""), list(distinct(named, s -> podOf(s).uid()))));
        }
        Source newest = wanted.stream().max(Comparator.comparing(Source::first)).orElseThrow();
        String uid = podOf(newest).uid();
        Set<String> others = distinct(wanted, source -> podOf(source).uid());
        others.remove(uid);
        if (!others.isEmpty()) {
            notes.add("pod \"%s\" was created more than once; this is the newest, %s; --uid chooses another: %s"
                    .formatted(pod, uid, list(others)));
        }
        return wanted.stream().filter(source -> podOf(source).uid().equals(uid)).toList();
    }

    private List<Source> ofContainer(String pod, List<Source> sources) throws SelectionException {
        Set<String> containers = distinct(sources, source -> podOf(source).container());
        String choice = "choose one of: [%s]".formatted(String.join(" ", containers));
        if (selection.container().isEmpty() && containers.size() > 1) {
            throw new SelectionException(
                    SelectionException.Reason.AMBIGUOUS,
                    "a container name must be specified for pod %s, %s".formatted(pod, choice));
        }
        String container = selection.container().orElse(containers.iterator().next());
        if (!containers.contains(container)) {
            throw unknown("container %s is not valid for pod %s, %s".formatted(container, pod, choice));
        }
        return sources.stream()
                .filter(source -> podOf(source).container().equals(container))
                .toList();
    }

    private List<Source> ofRestart(String pod, List<Source> instances) throws SelectionException {
        List<Source> ordered = instances.stream()
                .sorted(Comparator.comparingInt(source -> podOf(source).restart()))
                .toList();
        List<Source> found = switch (selection.restart()) {
            case Restart.All _ -> ordered;
            case Restart.Latest _ -> List.of(ordered.getLast());
            case Restart.Previous _ -> ordered.size() < 2 ? List.of() : List.of(ordered.get(ordered.size() - 2));
            case Restart.Exactly exactly ->
                ordered.stream()
                        .filter(source -> podOf(source).restart() == exactly.number())
                        .toList();
        };
        if (found.isEmpty()) {
            throw unknown("pod %s has no such instance of container %s; restarts that are held: %s"
                    .formatted(
                            pod,
                            podOf(ordered.getFirst()).container(),
                            list(ordered.stream()
                                    .map(source -> String.valueOf(podOf(source).restart()))
                                    .toList())));
        }
        return found;
    }

    /**
     * One source for each key: of the same thing on several nodes the caller has to choose one; of several streams of
     * one node, as after an agent lost its identity, the newest is taken.
     */
    private <K> List<Source> onePer(List<Source> sources, Function<Source, K> key) throws SelectionException {
        Map<K, List<Source>> groups = new LinkedHashMap<>();
        sources.forEach(source -> groups.computeIfAbsent(key.apply(source), _ -> new ArrayList<>())
                .add(source));
        List<Source> chosen = new ArrayList<>();
        for (List<Source> group : groups.values()) {
            Set<String> nodes = distinct(group, Source::node);
            Source newest =
                    group.stream().max(Comparator.comparing(Source::last)).orElseThrow();
            if (nodes.size() > 1) {
                throw new SelectionException(
                        SelectionException.Reason.AMBIGUOUS,
                        "%s was captured on several nodes, choose one with --node: %s"
                                .formatted(newest.path(), list(nodes)));
            }
            group.stream()
                    .filter(source -> !source.equals(newest))
                    .forEach(
                            source -> notes.add("%s is also held in stream %s (%d bytes, until %s); --stream chooses it"
                                    .formatted(source.path(), source.stream().brief(), source.bytes(), source.last())));
            chosen.add(newest);
        }
        return chosen;
    }

    private BiPredicate<Octets, FilePath> includes(List<Source> chosen) {
        Set<Key> known = all.stream().map(Key::of).collect(Collectors.toSet());
        Set<Key> wanted = chosen.stream().map(Key::of).collect(Collectors.toSet());
        Set<Octets> streams = chosen.stream().map(Source::stream).collect(Collectors.toCollection(HashSet::new));
        Predicate<FilePath> later = later(chosen);
        return (stream, path) -> {
            Key key = new Key(stream, path);
            return wanted.contains(key) || (!known.contains(key) && streams.contains(stream) && later.test(path));
        };
    }

    /** Which sources belong to the selection although they begin only now. */
    private Predicate<FilePath> later(List<Source> chosen) {
        Optional<PathGlob> glob = selection.path();
        if (selection.pod().isEmpty()) {
            return path -> glob.isPresent() && glob.get().matches(path);
        }
        if (!(selection.restart() instanceof Restart.All)) {
            return _ -> false;
        }
        PodLogPath one = podOf(chosen.getFirst());
        return path -> {
            @Nullable PodLogPath other = PodLogPath.parse(path).orElse(null);
            return other != null
                    && new PodLogPath(other.namespace(), other.pod(), other.uid(), other.container(), one.restart())
                            .equals(one);
        };
    }

    private String noSuchPod(String name) {
        Map<String, String> near = new TreeMap<>();
        for (Source source : all) {
            @Nullable PodLogPath pod = source.pod();
            if (pod != null && (pod.pod().equals(name) || pod.pod().startsWith(name))) {
                near.put(pod.namespace() + "/" + pod.pod(), pod.namespace());
            }
        }
        String missing = "pod \"%s\" is not known%s%s"
                .formatted(
                        name,
                        selection
                                .namespace()
                                .map(ns -> " in namespace \"" + ns + "\"")
                                .orElse(""),
                        where());
        return near.isEmpty()
                ? missing + "; kiroku sources lists what is"
                : missing + "; near it are (namespace/pod): " + list(near.keySet());
    }

    private String where() {
        return selection.node().map(node -> " on node \"" + node + "\"").orElse("")
                + selection.stream().map(stream -> " in stream " + stream).orElse("");
    }

    private static SelectionException unknown(String sentence) {
        return new SelectionException(SelectionException.Reason.UNKNOWN, sentence);
    }

    private static Set<String> distinct(List<Source> sources, Function<Source, String> name) {
        return sources.stream().map(name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String list(Collection<String> names) {
        String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return names.size() <= MOST_NAMED ? first : first + " and %d more".formatted(names.size() - MOST_NAMED);
    }
}
