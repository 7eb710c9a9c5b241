package io.kiroku.collector.query;

import static io.kiroku.collector.query.SourceSelector.distinct;
import static io.kiroku.collector.query.SourceSelector.list;
import static io.kiroku.collector.query.SourceSelector.podOf;
import static io.kiroku.collector.query.SourceSelector.unknown;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The part of {@link SourceSelector} that knows pods: one by its name, or several by their owner or labels. */
final class PodSelector {
    /** One pod, as paths and the cluster name it. */
    private record Key(String namespace, String pod, String uid) {
        static Key of(Source source) {
            PodLogPath pod = podOf(source);
            return new Key(pod.namespace(), pod.pod(), pod.uid());
        }

        static Key of(NamedPod pod) {
            return new Key(pod.namespace(), pod.name(), pod.logUid());
        }
    }

    private final Selection selection;
    private final List<Source> meant;
    private final List<Source> all;
    private final NamedPod.Register register;
    private final List<String> notes;

    /**
     * @param meant pods' sources, by what the selection says of paths, nodes and streams
     * @param notes is told what the caller should know
     */
    PodSelector(
            Selection selection, List<Source> meant, List<Source> all, NamedPod.Register register, List<String> notes) {
        this.selection = selection;
        this.meant = meant.stream()
                .filter(source -> selection
                        .namespace()
                        .map(podOf(source).namespace()::equals)
                        .orElse(true))
                .toList();
        this.all = all;
        this.register = register;
        this.notes = notes;
    }

    List<Source> select() throws SelectionException, IOException {
        return selection.group().isPresent()
                ? ofGroup(selection.group().get())
                : ofPod(selection.pod().orElseThrow());
    }

    private List<Source> ofPod(String pod) throws SelectionException, IOException {
        List<Source> named =
                meant.stream().filter(source -> podOf(source).pod().equals(pod)).toList();
        if (named.isEmpty()) {
            throw unknown(noSuchPod(pod));
        }
        List<Source> one = ofUid(pod, ofNamespace(pod, named));
        return instances("pod " + pod, List.of(one));
    }

    private List<Source> ofGroup(PodGroup group) throws SelectionException, IOException {
        Map<Key, NamedPod> known = new LinkedHashMap<>();
        for (NamedPod pod : register.list()) {
            if (selection.namespace().map(pod.namespace()::equals).orElse(true)) {
                known.put(Key.of(pod), pod);
            }
        }
        Map<Key, List<Source>> pods = new LinkedHashMap<>();
        Set<String> guessed = new TreeSet<>();
        meant.stream().sorted(Comparator.comparing(Source::first)).forEach(source -> {
            Key key = Key.of(source);
            @Nullable NamedPod told = known.get(key);
            boolean isGuessed = told == null && group.mayHave(key.pod());
            if (isGuessed) {
                guessed.add(key.pod());
            }
            if (isGuessed || (told != null && group.has(told))) {
                pods.computeIfAbsent(key, _ -> new ArrayList<>()).add(source);
            }
        });
        if (!guessed.isEmpty()) {
            notes.add("the cluster told of no owner of these pods, they are chosen by their names: " + list(guessed));
        }
        List<NamedPod> silent = known.values().stream()
                .filter(pod -> group.has(pod) && !pods.containsKey(Key.of(pod)))
                .toList();
        if (pods.isEmpty()) {
            throw unknown(
                    silent.isEmpty()
                            ? noSuchGroup(group, known.values())
                            : "of %s nothing was captured: %s".formatted(group, notCaptured(silent.getLast())));
        }
        silent.stream().limit(5).forEach(pod -> notes.add(notCaptured(pod)));
        if (silent.size() > 5) {
            notes.add("nor was anything captured of %d more pods of %s".formatted(silent.size() - 5, group));
        }
        return instances(group.toString(), pods.values());
    }

    private List<Source> ofNamespace(String pod, List<Source> named) throws SelectionException {
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
                    .formatted(
                            pod,
                            selection.uid().orElse(""),
                            list(distinct(named, source -> podOf(source).uid()))));
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

    /**
     * The instances that are meant, pod after pod, and in each container after container.
     *
     * @param whose for sentences
     */
    private List<Source> instances(String whose, Collection<List<Source>> pods) throws SelectionException {
        Set<String> containers = new TreeSet<>();
        pods.forEach(sources ->
                containers.addAll(distinct(sources, source -> podOf(source).container())));
        String choice = "choose one of: [%s]".formatted(String.join(" ", containers));
        if (selection.container().isEmpty() && !selection.allContainers() && containers.size() > 1) {
            throw new SelectionException(
                    SelectionException.Reason.AMBIGUOUS,
                    "a container name must be specified for %s, %s, or --all-containers".formatted(whose, choice));
        }
        if (selection.container().isPresent()
                && !containers.contains(selection.container().get())) {
            throw unknown("container %s is not valid for %s, %s"
                    .formatted(selection.container().get(), whose, choice));
        }
        List<Source> chosen = new ArrayList<>();
        Set<String> held = new TreeSet<>(Comparator.comparingInt(String::length).thenComparing(String::compareTo));
        for (List<Source> pod : pods) {
            Map<String, List<Source>> byContainer = new LinkedHashMap<>();
            pod.stream()
                    .sorted(Comparator.comparing(Source::first))
                    .filter(source -> selection
                            .container()
                            .map(podOf(source).container()::equals)
                            .orElse(true))
                    .forEach(source -> byContainer
                            .computeIfAbsent(podOf(source).container(), _ -> new ArrayList<>())
                            .add(source));
            for (List<Source> ofOne : byContainer.values()) {
                List<Source> ordered = SourceSelector.onePer(
                                ofOne, source -> podOf(source).restart(), notes)
                        .stream()
                        .sorted(Comparator.comparingInt(source -> podOf(source).restart()))
                        .toList();
                ordered.forEach(source -> held.add(String.valueOf(podOf(source).restart())));
                chosen.addAll(ofRestart(ordered));
            }
        }
        if (chosen.isEmpty()) {
            throw unknown("%s has no such instance of container %s; restarts that are held: %s"
                    .formatted(whose, selection.container().orElse(String.join(", ", containers)), list(held)));
        }
        return chosen;
    }

    private List<Source> ofRestart(List<Source> ordered) {
        return switch (selection.restart()) {
            case Restart.All _ -> ordered;
            case Restart.Latest _ -> List.of(ordered.getLast());
            case Restart.Previous _ -> ordered.size() < 2 ? List.of() : List.of(ordered.get(ordered.size() - 2));
            case Restart.Exactly exactly ->
                ordered.stream()
                        .filter(source -> podOf(source).restart() == exactly.number())
                        .toList();
        };
    }

    private String noSuchPod(String name) throws IOException {
        Optional<NamedPod> told = register.list().stream()
                .filter(pod -> pod.name().equals(name)
                        && selection.namespace().map(pod.namespace()::equals).orElse(true)
                        && selection.uid().map(pod.logUid()::startsWith).orElse(true))
                .reduce((_, last) -> last);
        if (told.isPresent() && selection.node().isEmpty() && selection.stream().isEmpty()) {
            return notCaptured(told.get());
        }
        Set<String> near = new TreeSet<>();
        for (Source source : all) {
            @Nullable PodLogPath pod = source.pod();
            if (pod != null && pod.pod().startsWith(name)) {
                near.add(pod.namespace() + "/" + pod.pod());
            }
        }
        String missing = "pod \"%s\" is not known%s%s".formatted(name, inNamespace(), SourceSelector.where(selection));
        return near.isEmpty()
                ? missing + "; kiroku sources lists what is"
                : missing + "; near it are (namespace/pod): " + list(near);
    }

    private String noSuchGroup(PodGroup group, Collection<NamedPod> known) {
        String missing = "no pod of %s is known%s%s".formatted(group, inNamespace(), SourceSelector.where(selection));
        if (!(group instanceof PodGroup.Owned owned)) {
            return missing
                    + (known.isEmpty()
                            ? "; labels are known of pods that the collector's cluster told of, and here it told of"
                                    + " none"
                            : "; kiroku pods -o wide shows labels");
        }
        Set<String> near = new TreeSet<>();
        known.forEach(pod -> pod.owners().stream()
                .filter(owner -> owner.kind().equalsIgnoreCase(owned.owner().kind()))
                .forEach(owner -> near.add(owner.toString())));
        return near.isEmpty() ? missing + "; kiroku pods lists what is" : missing + "; there are: " + list(near);
    }

    /** Why there is nothing, as far as that can be said. */
    private String notCaptured(NamedPod pod) {
        String what = "pod \"%s\" in namespace \"%s\" is known (%s), and nothing of its logs was captured: "
                .formatted(pod.name(), pod.namespace(), pod.state());
        if (pod.node().isEmpty()) {
            return what + "it was never on a node";
        }
        if (all.stream().noneMatch(source -> source.node().equals(pod.node()))) {
            return what
                    + "of node %s there is nothing else either, an agent may be missing there".formatted(pod.node());
        }
        return pod.hasRun()
                ? what
                        + "its logs on node %s were gone before an agent saw them, or have not come yet; kiroku gaps may know"
                                .formatted(pod.node())
                : what + "no container of it was ever seen to run on node %s".formatted(pod.node());
    }

    private String inNamespace() {
        return selection
                .namespace()
                .map(name -> " in namespace \"" + name + "\"")
                .orElse("");
    }
}
