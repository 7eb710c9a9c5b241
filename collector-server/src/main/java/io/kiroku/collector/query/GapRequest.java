package io.kiroku.collector.query;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which losses are asked for; as the parameters of a URL {@code since}, {@code path}, {@code namespace} and {@code pod}.
 *
 * @param since noticed from then on
 * @param path what the sources' paths match
 * @param namespace that of the pods
 * @param pod the exact name of one
 */
public record GapRequest(
        Optional<Instant> since, Optional<PathGlob> path, Optional<String> namespace, Optional<String> pod) {
    /** All of them. */
    public static final GapRequest ALL =
            new GapRequest(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final Set<String> NAMES = Set.of("since", "path", "namespace", "pod");

    /** Whether a loss is asked for. One of which the source is not known belongs to no path and no pod. */
    boolean includes(LostBytes loss) {
        if (since.isPresent() && loss.noticed().isBefore(since.get())) {
            return false;
        }
        if (path.isEmpty() && namespace.isEmpty() && pod.isEmpty()) {
            return true;
        }
        if (loss.path() == null || (path.isPresent() && !path.get().matches(loss.path()))) {
            return false;
        }
        Optional<PodLogPath> instance = PodLogPath.parse(loss.path());
        return (namespace.isEmpty() || instance.map(PodLogPath::namespace).equals(namespace))
                && (pod.isEmpty() || instance.map(PodLogPath::pod).equals(pod));
    }

    /**
     * Reads the parameters of a URL.
     *
     * @param now from which durations count back
     * @throws IllegalArgumentException if one is not known or not understood; the message is for people
     */
    public static GapRequest read(Map<String, String> parameters, Instant now) {
        for (String name : parameters.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(name));
            }
        }
        return new GapRequest(
                UrlParameters.text(parameters, "since").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "path").map(PathGlob::parse),
                UrlParameters.text(parameters, "namespace"),
                UrlParameters.text(parameters, "pod"));
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public String write() {
        Map<String, String> parameters = new LinkedHashMap<>();
        since.ifPresent(time -> parameters.put("since", time.toString()));
        path.ifPresent(glob -> parameters.put("path", glob.toString()));
        namespace.ifPresent(name -> parameters.put("namespace", name));
        pod.ifPresent(name -> parameters.put("pod", name));
        return UrlParameters.query(parameters);
    }
}
