package io.kiroku.collector.pods;

import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.UrlParameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whose crash is asked for; as the parameters of a URL {@code namespace} (none is {@code default}), {@code allNamespaces},
 * {@code target}, {@code uid}, {@code container}, {@code lines}.
 *
 * @param namespace the pod's; empty for any
 * @param target a pod, or what owns pods: then those that crashed last
 * @param uid the beginning of the pod's uid; without it the newest of the name
 * @param container only this one
 * @param lines of each instance's log, at its end; 0 to {@link LastLines#MOST_LINES}
 */
public record CrashRequest(
        Optional<String> namespace, KindName target, Optional<String> uid, Optional<String> container, int lines) {
    private static final Set<String> NAMES =
            Set.of("namespace", "allNamespaces", "target", "uid", "container", "lines");

    private static final int DEFAULT_LINES = 20;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if they do not go together; the message is for people
     */
    public CrashRequest {
        if (lines < 0 || lines > LastLines.MOST_LINES) {
            throw new IllegalArgumentException(
                    "expected 0 to %d lines of each instance, found %d".formatted(LastLines.MOST_LINES, lines));
        }
        if (uid.isPresent() && !target.isPod()) {
            throw new IllegalArgumentException("a uid goes with one POD, not with " + target);
        }
    }

    /**
     * Reads the parameters of a URL.
     *
     * @throws IllegalArgumentException if one is not known or not understood; the message is for people
     */
    public static CrashRequest read(Map<String, String> parameters) {
        UrlParameters.requireKnown(parameters, NAMES);
        String lines = parameters.getOrDefault("lines", String.valueOf(DEFAULT_LINES));
        if (!Pattern.matches("[0-9]{1,6}", lines)) {
            throw new IllegalArgumentException("expected a number of lines from 0, found \"%s\"".formatted(lines));
        }
        return new CrashRequest(
                UrlParameters.namespace(parameters),
                KindName.parse(parameters.getOrDefault("target", "")),
                UrlParameters.text(parameters, "uid"),
                UrlParameters.text(parameters, "container"),
                Integer.parseInt(lines));
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public String write() {
        Map<String, String> parameters = new LinkedHashMap<>();
        namespace.ifPresentOrElse(
                name -> parameters.put("namespace", name), () -> parameters.put("allNamespaces", "true"));
        parameters.put("target", target.toString());
        uid.ifPresent(text -> parameters.put("uid", text));
        container.ifPresent(name -> parameters.put("container", name));
        parameters.put("lines", String.valueOf(lines));
        return UrlParameters.query(parameters);
    }
}
