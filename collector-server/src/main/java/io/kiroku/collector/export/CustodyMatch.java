package io.kiroku.collector.export;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.audit.AuditRequest;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PodLogPath;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a record of the custody log concerns one of these sources: it shows their content, or what was asked for names them.
 * In doubt it does.
 */
public final class CustodyMatch {
    /**
     * A source of a bundle.
     *
     * @param node as its stream gives it
     */
    public record Of(String node, Octets stream, FilePath path) {}

    private static final String BUNDLE = "bundle";
    private static final String AUDIT = "audit";

    /** What shows evidence, or says of it what there is. Other actions name nodes and pods for other reasons. */
    private static final Set<String> LOOKING = Set.of("sources", "gaps", "logs", "pods", "crash", AUDIT, BUNDLE);

    /** What of a selection says which sources are meant. */
    private static final List<String> NAMING =
            List.of("namespace", "pod", "uid", "container", "path", "node", "stream");

    private final List<Of> sources;
    private final Set<String> touched = new HashSet<>();

    /** Selections recur; whoever follows or searches asks the same again and again. */
    private final Map<String, Boolean> known = new HashMap<>();

    public CustodyMatch(Collection<Of> sources) {
        this.sources = List.copyOf(sources);
        sources.forEach(source -> touched.add(source.stream() + ":" + source.path()));
    }

    /** Whether a record does. */
    public boolean concerns(CustodyRecord record) {
        // Not all that it touched is told.
        if (record.untold() > 0 || record.touched().stream().anyMatch(touched::contains)) {
            return true;
        }
        if (!LOOKING.contains(record.action())) {
            return false;
        }
        if (known.size() > 1_000) {
            known.clear();
        }
        return known.computeIfAbsent(
                record.action() + "?" + record.selection(), _ -> names(record.action(), record.selection()));
    }

    private boolean names(String action, String selection) {
        try {
            Map<String, String> parameters = parameters(selection);
            if (action.equals(AUDIT)) {
                AuditRequest audit = AuditRequest.read(parameters, Instant.EPOCH);
                return sources.stream().anyMatch(source -> audit.reads(source.path()));
            }
            if (NAMING.stream().noneMatch(parameters::containsKey)) {
                return action.equals(BUNDLE);
            }
            BundleSelection wanted = wanted(parameters);
            return sources.stream()
                    .anyMatch(source -> wanted.includes(
                            source.node(),
                            source.stream(),
                            source.path(),
                            PodLogPath.parse(source.path()).orElse(null)));
        } catch (IllegalArgumentException cut) {
            // It was too long for a record, or is none: what it would name is not known.
            return true;
        }
    }

    private static BundleSelection wanted(Map<String, String> parameters) {
        Optional<String> path = text(parameters, "path");
        return new BundleSelection(
                // A path says more than the namespace in which pods would be looked for, and of other files there is
                // none.
                path.isPresent() ? Optional.empty() : text(parameters, "namespace"),
                text(parameters, "pod").map(name -> name.replaceFirst("^pods?/", "")),
                text(parameters, "uid"),
                text(parameters, "container"),
                path.map(PathGlob::parse),
                text(parameters, "node"),
                text(parameters, "stream"),
                Optional.empty(),
                Optional.empty());
    }

    private static Optional<String> text(Map<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    private static Map<String, String> parameters(String selection) {
        Map<String, String> parameters = new HashMap<>();
        for (String one : selection.split("&", -1)) {
            int equals = one.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        URLDecoder.decode(one.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(one.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }
}
