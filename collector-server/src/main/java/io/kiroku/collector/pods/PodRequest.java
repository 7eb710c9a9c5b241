package io.kiroku.collector.pods;

import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LabelSelector;
import io.kiroku.collector.query.LogParameters;
import io.kiroku.collector.query.NamedPod;
import io.kiroku.collector.query.PodGroup;
import io.kiroku.collector.query.PointInTime;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pods are asked for; as the parameters of a URL {@code namespace} (none is {@code default}), {@code allNamespaces},
 * {@code target}, {@code selector}, {@code dead}, {@code since}, {@code reason}, {@code node}.
 *
 * @param namespace theirs; empty for any
 * @param target a pod, or what owns pods
 * @param selector their labels; what the cluster did not tell of has none
 * @param dead only those that are gone or have ended
 * @param since not those that had died before
 * @param reason only those that ended or wait for it
 * @param node only those that ran there
 */
public record PodRequest(
        Optional<String> namespace,
        Optional<KindName> target,
        Optional<LabelSelector> selector,
        boolean dead,
        Optional<Instant> since,
        Optional<String> reason,
        Optional<String> node) {
    private static final int MOST_LENGTH = 8192;

    private static final Set<String> NAMES =
            Set.of("namespace", "allNamespaces", "target", "selector", "dead", "since", "reason", "node");

    /** Whether a pod is asked for, as far as that can be said of one alone. */
    boolean includes(PodView view) {
        return namespace.map(view.namespace()::equals).orElse(true)
                && target.map(one -> isMeant(one, view)).orElse(true)
                && selector.map(labels -> view.told().isPresent()
                                && labels.matches(view.told().get().labels()))
                        .orElse(true)
                && (!dead || view.isDead())
                && since.map(time ->
                                view.died().map(died -> !died.isBefore(time)).orElse(true))
                        .orElse(true)
                && reason.map(view::hasReason).orElse(true)
                && node.map(view.node()::equals).orElse(true);
    }

    static boolean isMeant(KindName target, PodView view) {
        if (target.isPod()) {
            return view.name().startsWith(target.name());
        }
        PodGroup group = new PodGroup.Owned(target);
        NamedPod pod = view.named();
        return view.told().isPresent() ? group.has(pod) : group.mayHave(view.name());
    }

    /**
     * Reads the parameters of a URL.
     *
     * @param now from which durations count back
     * @throws IllegalArgumentException if one is not known or not understood; the message is for people
     */
    public static PodRequest read(Map<String, String> parameters, Instant now) {
        requireKnown(parameters, NAMES);
        return new PodRequest(
                namespace(parameters),
                text(parameters, "target").map(KindName::parse),
                text(parameters, "selector").map(LabelSelector::parse),
                flag(parameters, "dead"),
                text(parameters, "since").map(time -> PointInTime.parse(time, now)),
                text(parameters, "reason"),
                text(parameters, "node"));
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public String write() {
        Map<String, String> parameters = new LinkedHashMap<>();
        namespace.ifPresentOrElse(
                name -> parameters.put("namespace", name), () -> parameters.put("allNamespaces", "true"));
        target.ifPresent(one -> parameters.put("target", one.toString()));
        selector.ifPresent(labels -> parameters.put("selector", labels.toString()));
        parameters.put("dead", String.valueOf(dead));
        since.ifPresent(time -> parameters.put("since", time.toString()));
        reason.ifPresent(word -> parameters.put("reason", word));
        node.ifPresent(name -> parameters.put("node", name));
        return query(parameters);
    }

    static void requireKnown(Map<String, String> parameters, Set<String> names) {
        parameters.forEach((name, value) -> {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(name));
            }
            if (value.length() > MOST_LENGTH) {
                throw new IllegalArgumentException(
                        "expected at most %d characters in %s, found %d".formatted(MOST_LENGTH, name, value.length()));
            }
        });
    }

    static Optional<String> namespace(Map<String, String> parameters) {
        return flag(parameters, "allNamespaces")
                ? Optional.empty()
                : text(parameters, "namespace").or(() -> Optional.of(LogParameters.DEFAULT_NAMESPACE));
    }

    static Optional<String> text(Map<String, String> parameters, String name) {
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

    static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
