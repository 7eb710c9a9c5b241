package io.kiroku.collector.audit;

import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.UrlParameters;
import io.kiroku.evidence.record.FilePath;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which events are asked for; as the parameters of a URL {@code user, verb, resource, namespace, name, since, until, path, limit}.
 *
 * @param user who asked, or whom he impersonated; with {@code *} at its end any name that begins so
 * @param verbs one of these; empty for any
 * @param resource as kubectl names it: {@code pods}, {@code pods/exec}, {@code deployments.apps}; without a group that of any, without a
 *     subresource with all of them
 * @param namespace that of what was asked for
 * @param name that of what was asked for
 * @param since from then on, on the API server's clock
 * @param until up to then
 * @param path of which sources; empty for those that audit logs usually have
 * @param limit so many at most, the newest
 */
public record AuditRequest(
        Optional<String> user,
        Set<String> verbs,
        Optional<String> resource,
        Optional<String> namespace,
        Optional<String> name,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<PathGlob> path,
        int limit) {
    /** What is shown if nobody says how much. */
    public static final int DEFAULT_LIMIT = 1_000;

    /** What is shown at most. */
    public static final int MOST_LIMIT = 20_000;

    /** The source of what came to the collector's webhook. */
    public static final String OWN = "/kiroku/audit";

    /** Everything, as far as it goes. */
    public static final AuditRequest ALL = new AuditRequest(
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            DEFAULT_LIMIT);

    /** The webhook's own, and the audit logs of kubeadm's documentation, OpenShift, k3s and RKE2. */
    private static final List<PathGlob> USUAL = List.of(
            PathGlob.parse(OWN),
            PathGlob.parse("kubernetes/audit/*.log"),
            PathGlob.parse("kubernetes/audit.log"),
            PathGlob.parse("kube-apiserver/audit.log"),
            PathGlob.parse("rancher/k3s/server/logs/audit.log"),
            PathGlob.parse("rancher/rke2/server/logs/audit.log"));

    private static final Set<String> NAMES =
            Set.of("user", "verb", "resource", "namespace", "name", "since", "until", "path", "limit");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException if they do not; the message is for people
     */
    public AuditRequest {
        verbs = Set.copyOf(verbs);
        if (limit < 1 || limit > MOST_LIMIT) {
            throw new IllegalArgumentException(
                    "expected a number of events from 1 to %d, found %d".formatted(MOST_LIMIT, limit));
        }
        if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
            throw new IllegalArgumentException(
                    "--since %s is later than --until %s".formatted(since.get(), until.get()));
        }
    }

    /** Whether a source of that path is looked into. */
    public boolean reads(FilePath source) {
        return path.map(glob -> glob.matches(source))
                .orElseGet(() -> USUAL.stream().anyMatch(glob -> glob.matches(source)));
    }

    /** Whether the event is asked for. */
    boolean includes(AuditEvent event) {
        return (since.isEmpty() || !event.at().isBefore(since.get()))
                && (until.isEmpty() || !event.at().isAfter(until.get()))
                && (user.isEmpty() || isUser(user.get(), event))
                && (verbs.isEmpty() || verbs.contains(event.verb()))
                && (resource.isEmpty() || isResource(resource.get(), event.target()))
                && (namespace.isEmpty() || namespace.get().equals(event.target().namespace()))
                && (name.isEmpty() || name.get().equals(event.target().name()));
    }

    private static boolean isUser(String asked, AuditEvent event) {
        if (asked.endsWith("*")) {
            String start = asked.substring(0, asked.length() - 1);
            return event.user().startsWith(start)
                    || (!event.actingAs().isEmpty() && event.actingAs().startsWith(start));
        }
        return asked.equals(event.user()) || asked.equals(event.actingAs());
    }

    private static boolean isResource(String asked, AuditEvent.Target target) {
        int slash = asked.indexOf('/');
        String kind = slash < 0 ? asked : asked.substring(0, slash);
        boolean isKind = kind.equals(target.resource()) || kind.equals(target.resource() + "." + target.group());
        return isKind && (slash < 0 || asked.substring(slash + 1).equals(target.subresource()));
    }

    /** Reads verbs with commas between them. */
    public static Set<String> verbs(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(verb -> !verb.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Reads the parameters of a URL.
     *
     * @param now from which durations count back
     * @throws IllegalArgumentException if one is not known or not understood; the message is for people
     */
    public static AuditRequest read(Map<String, String> parameters, Instant now) {
        for (String parameter : parameters.keySet()) {
            if (!NAMES.contains(parameter)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(parameter));
            }
        }
        return new AuditRequest(
                UrlParameters.text(parameters, "user"),
                UrlParameters.text(parameters, "verb").map(AuditRequest::verbs).orElse(Set.of()),
                UrlParameters.text(parameters, "resource"),
                UrlParameters.text(parameters, "namespace"),
                UrlParameters.text(parameters, "name"),
                UrlParameters.text(parameters, "since").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "until").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "path").map(PathGlob::parse),
                UrlParameters.text(parameters, "limit")
                        .map(AuditRequest::number)
                        .orElse(DEFAULT_LIMIT));
    }

    private static int number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "expected a number of events from 1 to %d, found \"%s\"".formatted(MOST_LIMIT, text));
        }
        return Integer.parseInt(text);
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public String write() {
        Map<String, String> parameters = new LinkedHashMap<>();
        user.ifPresent(text -> parameters.put("user", text));
        if (!verbs.isEmpty()) {
            parameters.put("verb", verbs.stream().sorted().collect(Collectors.joining(",")));
        }
        resource.ifPresent(text -> parameters.put("resource", text));
        namespace.ifPresent(text -> parameters.put("namespace", text));
        name.ifPresent(text -> parameters.put("name", text));
        since.ifPresent(time -> parameters.put("since", time.toString()));
        until.ifPresent(time -> parameters.put("until", time.toString()));
        path.ifPresent(glob -> parameters.put("path", glob.toString()));
        parameters.put("limit", String.valueOf(limit));
        return UrlParameters.query(parameters);
    }
}
