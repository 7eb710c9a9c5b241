package io.kiroku.collector.pods;

import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LabelSelector;
import io.kiroku.collector.query.NamedPod;
import io.kiroku.collector.query.PodGroup;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.UrlParameters;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
        UrlParameters.requireKnown(parameters, NAMES);
        return new PodRequest(
                UrlParameters.namespace(parameters),
                UrlParameters.text(parameters, "target").map(KindName::parse),
                UrlParameters.text(parameters, "selector").map(LabelSelector::parse),
                UrlParameters.flag(parameters, "dead"),
                UrlParameters.text(parameters, "since").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "reason"),
                UrlParameters.text(parameters, "node"));
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
        return UrlParameters.query(parameters);
    }
}
