package io.kiroku.collector.query;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A request for logs as the parameters of a URL: {@code namespace} (none is {@code default}), {@code allNamespaces},
 * {@code pod}, {@code owner}, {@code selector}, {@code uid}, {@code container}, {@code allContainers}, {@code restart}, {@code path}, {@code node}, {@code stream},
 * {@code unit}, {@code raw}, {@code follow}, {@code timestamps}, {@code prefix}, {@code since}, {@code until}, {@code tail}.
 */
public final class LogParameters {
    /** Where a pod is looked for when no namespace is named, as kubectl does. */
    public static final String DEFAULT_NAMESPACE = "default";

    private static final String ALL_NAMESPACES = "allNamespaces";

    private static final Set<String> NAMES = Set.of(
            "namespace",
            ALL_NAMESPACES,
            "pod",
            "owner",
            "selector",
            "uid",
            "container",
            "allContainers",
            "restart",
            "path",
            "node",
            "stream",
            "unit",
            "raw",
            "follow",
            "timestamps",
            "prefix",
            "since",
            "until",
            "tail");

    private LogParameters() {}

    /**
     * Reads the parameters of a URL.
     *
     * @param now from which durations count back
     * @throws IllegalArgumentException if one is not known, not understood or contradicts another; the message is for people
     */
    public static LogRequest read(Map<String, String> parameters, Instant now) {
        UrlParameters.requireKnown(parameters, NAMES);
        Optional<String> namespace = UrlParameters.namespace(parameters);
        Selection selection = new Selection(
                UrlParameters.text(parameters, "pod"),
                group(parameters),
                namespace,
                UrlParameters.text(parameters, "uid"),
                UrlParameters.text(parameters, "container"),
                UrlParameters.flag(parameters, "allContainers"),
                UrlParameters.text(parameters, "restart").map(Restart::parse).orElse(new Restart.Latest()),
                UrlParameters.text(parameters, "path").map(PathGlob::parse),
                UrlParameters.text(parameters, "node"),
                UrlParameters.text(parameters, "stream"));
        Function<String, Instant> time = text -> PointInTime.parse(text, now);
        return new LogRequest(
                selection,
                UrlParameters.flag(parameters, "raw"),
                UrlParameters.flag(parameters, "follow"),
                UrlParameters.flag(parameters, "timestamps"),
                UrlParameters.flag(parameters, "prefix"),
                UrlParameters.text(parameters, "since").map(time),
                UrlParameters.text(parameters, "until").map(time),
                UrlParameters.text(parameters, "unit"),
                tail(parameters));
    }

    private static Optional<PodGroup> group(Map<String, String> parameters) {
        Optional<PodGroup> owned =
                UrlParameters.text(parameters, "owner").map(KindName::parse).map(PodGroup.Owned::new);
        Optional<PodGroup> labelled = UrlParameters.text(parameters, "selector")
                .map(LabelSelector::parse)
                .map(PodGroup.Labelled::new);
        if (owned.isPresent() && labelled.isPresent()) {
            throw new IllegalArgumentException("an owner and a label selector exclude each other");
        }
        return owned.or(() -> labelled);
    }

    private static OptionalLong tail(Map<String, String> parameters) {
        Optional<String> text = UrlParameters.text(parameters, "tail");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!Pattern.matches("[0-9]{1,18}", text.get())) {
            throw new IllegalArgumentException("expected a number of lines from 0, found \"%s\"".formatted(text.get()));
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public static String write(LogRequest request) {
        Map<String, String> parameters = new LinkedHashMap<>();
        Selection selection = request.selection();
        selection
                .namespace()
                .ifPresentOrElse(
                        namespace -> parameters.put("namespace", namespace),
                        () -> parameters.put(ALL_NAMESPACES, "true"));
        selection.pod().ifPresent(pod -> parameters.put("pod", pod));
        selection.group().ifPresent(group -> {
            switch (group) {
                case PodGroup.Owned owned -> parameters.put("owner", owned.toString());
                case PodGroup.Labelled labelled ->
                    parameters.put("selector", labelled.selector().toString());
            }
        });
        selection.uid().ifPresent(uid -> parameters.put("uid", uid));
        selection.container().ifPresent(container -> parameters.put("container", container));
        parameters.put("allContainers", String.valueOf(selection.allContainers()));
        parameters.put("restart", selection.restart().text());
        selection.path().ifPresent(path -> parameters.put("path", path.toString()));
        selection.node().ifPresent(node -> parameters.put("node", node));
        selection.stream().ifPresent(stream -> parameters.put("stream", stream));
        parameters.put("raw", String.valueOf(request.raw()));
        parameters.put("follow", String.valueOf(request.follow()));
        parameters.put("timestamps", String.valueOf(request.timestamps()));
        parameters.put("prefix", String.valueOf(request.prefix()));
        request.since().ifPresent(since -> parameters.put("since", since.toString()));
        request.until().ifPresent(until -> parameters.put("until", until.toString()));
        request.unit().ifPresent(unit -> parameters.put("unit", unit));
        request.tail().ifPresent(tail -> parameters.put("tail", String.valueOf(tail)));
        return UrlParameters.query(parameters);
    }
}
