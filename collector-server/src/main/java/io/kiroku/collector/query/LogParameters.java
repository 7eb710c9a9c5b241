package io.kiroku.collector.query;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A request for logs as the parameters of a URL: {@code namespace} (none is {@code default}), {@code allNamespaces},
 * {@code pod}, {@code owner}, {@code selector}, {@code uid}, {@code container}, {@code allContainers}, {@code restart}, {@code path}, {@code node}, {@code stream},
 * {@code unit}, {@code raw}, {@code follow}, {@code timestamps}, {@code prefix}, {@code since}, {@code until}, {@code tail}.
 */
public final class LogParameters {
    /** Where a pod is looked for when no namespace is named, as kubectl does. */
    public static final String DEFAULT_NAMESPACE = "default";

    private static final int MOST_LENGTH = 8192;
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
        parameters.forEach((name, value) -> {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(name));
            }
            if (value.length() > MOST_LENGTH) {
                throw new IllegalArgumentException(
                        "expected at most %d characters in %s, found %d".formatted(MOST_LENGTH, name, value.length()));
            }
        });
        Optional<String> namespace = flag(parameters, ALL_NAMESPACES)
                ? Optional.empty()
                : text(parameters, "namespace").or(() -> Optional.of(DEFAULT_NAMESPACE));
        Selection selection = new Selection(
                text(parameters, "pod"),
                group(parameters),
                namespace,
                text(parameters, "uid"),
                text(parameters, "container"),
                flag(parameters, "allContainers"),
                text(parameters, "restart").map(Restart::parse).orElse(new Restart.Latest()),
                text(parameters, "path").map(PathGlob::parse),
                text(parameters, "node"),
                text(parameters, "stream"));
        Function<String, Instant> time = text -> PointInTime.parse(text, now);
        return new LogRequest(
                selection,
                flag(parameters, "raw"),
                flag(parameters, "follow"),
                flag(parameters, "timestamps"),
                flag(parameters, "prefix"),
                text(parameters, "since").map(time),
                text(parameters, "until").map(time),
                text(parameters, "unit"),
                tail(parameters));
    }

    private static Optional<PodGroup> group(Map<String, String> parameters) {
        Optional<PodGroup> owned =
                text(parameters, "owner").map(KindName::parse).map(PodGroup.Owned::new);
        Optional<PodGroup> labelled =
                text(parameters, "selector").map(LabelSelector::parse).map(PodGroup.Labelled::new);
        if (owned.isPresent() && labelled.isPresent()) {
            throw new IllegalArgumentException("an owner and a label selector exclude each other");
        }
        return owned.or(() -> labelled);
    }

    private static OptionalLong tail(Map<String, String> parameters) {
        Optional<String> text = text(parameters, "tail");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!Pattern.matches("[0-9]{1,18}", text.get())) {
            throw new IllegalArgumentException("expected a number of lines from 0, found \"%s\"".formatted(text.get()));
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    private static Optional<String> text(Map<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    private static boolean flag(Map<String, String> parameters, String name) {
        String value = parameters.getOrDefault(name, "false");
        return switch (value) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default ->
                throw new IllegalArgumentException(
                        "expected true or false for %s, found \"%s\"".formatted(name, value));
        };
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
        return parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
