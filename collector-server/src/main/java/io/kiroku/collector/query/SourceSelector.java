package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
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

    /** Whose logs they are, whichever instance wrote them. */
    private record Whose(String namespace, String pod, String uid, String container) {
        static Whose of(PodLogPath path, boolean allContainers) {
            return new Whose(path.namespace(), path.pod(), path.uid(), allContainers ? "" : path.container());
        }
    }

    private final Selection selection;
    private final List<Source> all;
    private final NamedPod.Register register;
    private final List<String> notes = new ArrayList<>();

    private SourceSelector(Selection selection, List<Source> all, NamedPod.Register register) {
        this.selection = selection;
        this.all = all;
        this.register = register;
    }

    /** @param register of pods of which the caller may know */
    static Selected select(Selection selection, List<Source> all, NamedPod.Register register)
            throws SelectionException, IOException {
        return new SourceSelector(selection, all, register).select();
    }

    private Selected select() throws SelectionException, IOException {
        List<Source> meant = all.stream().filter(this::isMeant).toList();
        List<Source> chosen =
                selection.isOfPods() ? new PodSelector(selection, meant, all, register, notes).select() : ofPath(meant);
        return new Selected(chosen, notes, includes(chosen));
    }

    private List<Source> ofPath(List<Source> meant) throws SelectionException {
        if (meant.isEmpty()) {
            throw unknown("no source has a path that matches %s%s; kiroku sources lists them"
                    .formatted(selection.path().map(PathGlob::toString).orElse(""), where(selection)));
        }
        return onePer(meant, Source::path, notes);
    }

    private boolean isMeant(Source source) {
        return (!selection.isOfPods() || source.pod() != null)
                && selection.path().map(glob -> glob.matches(source.path())).orElse(true)
                && selection.node().map(source.node()::equals).orElse(true)
                && selection.stream()
                        .map(source.stream().toString()::startsWith)
                        .orElse(true);
    }

    static PodLogPath podOf(Source source) {
        PodLogPath pod = source.pod();
        if (pod == null) {
            throw new IllegalStateException("only pods' sources come here");
        }
        return pod;
    }

    /**
     * One source for each key: of the same thing on several nodes the caller has to choose one; of several streams of
     * one node, as after an agent lost its identity, the newest is taken.
     */
    static <K> List<Source> onePer(List<Source> sources, Function<Source, K> key, List<String> notes)
            throws SelectionException {
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
        if (!selection.isOfPods()) {
            return path -> glob.isPresent() && glob.get().matches(path);
        }
        if (!(selection.restart() instanceof Restart.All)) {
            return _ -> false;
        }
        boolean allContainers = selection.allContainers();
        Set<Whose> whose = chosen.stream()
                .map(source -> Whose.of(podOf(source), allContainers))
                .collect(Collectors.toSet());
        return path -> {
            @Nullable PodLogPath other = PodLogPath.parse(path).orElse(null);
            return other != null && whose.contains(Whose.of(other, allContainers));
        };
    }

    /** Where it was looked, if not everywhere. */
    static String where(Selection selection) {
        return selection.node().map(node -> " on node \"" + node + "\"").orElse("")
                + selection.stream().map(stream -> " in stream " + stream).orElse("");
    }

    static SelectionException unknown(String sentence) {
        return new SelectionException(SelectionException.Reason.UNKNOWN, sentence);
    }

    static Set<String> distinct(List<Source> sources, Function<Source, String> name) {
        return sources.stream().map(name).collect(Collectors.toCollection(TreeSet::new));
    }

    static String list(Collection<String> names) {
        String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return names.size() <= MOST_NAMED ? first : first + " and %d more".formatted(names.size() - MOST_NAMED);
    }
}
