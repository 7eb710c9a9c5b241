package io.kiroku.collector.access;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A place of the HTTP edge, and what it takes to be answered there. What is not in this table is answered to nobody.
 *
 * @param route as it is mounted
 * @param action what the custody log calls it
 * @param permission what it takes; empty if nothing
 * @param inCustody whether calls are written into the custody log
 */
public record Endpoint(String route, String action, Optional<Permission> permission, boolean inCustody) {
    /** The whole table. Which roles have a permission stands in {@link Role}. */
    public static final List<Endpoint> ALL = List.of(
            new Endpoint("/healthz", "health", Optional.empty(), false),
            of("/metrics", "metrics", Permission.METRICS, false),
            of("/api/v1/sources", "sources", Permission.READ, true),
            of("/api/v1/gaps", "gaps", Permission.READ, true),
            of("/api/v1/logs", "logs", Permission.READ, true),
            of("/api/v1/verify", "verify", Permission.VERIFY, true),
            of("/api/v1/custody", "custody", Permission.CUSTODY, true),
            of("/checkpoint", "checkpoint", Permission.PROOFS, false),
            of("/log.vkey", "log keys", Permission.PROOFS, false),
            of("/tile/*", "tiles", Permission.PROOFS, false));

    private static final Map<String, Endpoint> BY_ROUTE =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Endpoint::route, Function.identity()));

    private static Endpoint of(String route, String action, Permission permission, boolean inCustody) {
        return new Endpoint(route, action, Optional.of(permission), inCustody);
    }

    /** The place that a request was routed to; empty if it is not in the table. */
    static Optional<Endpoint> at(String route) {
        return Optional.ofNullable(BY_ROUTE.get(route));
    }
}
