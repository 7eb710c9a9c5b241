package io.kiroku.collector.config;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How a collector gives certificates to agents.
 *
 * @param hosts what agents call the collector, for the certificate that it issues to itself; empty if it is given one
 * @param life of the certificates; they are renewed once two thirds of it are over
 * @param accounts the service accounts, {@code NAMESPACE:NAME}, whose pods' tokens are taken; none if empty
 */
public record EnrolConfig(List<String> hosts, Duration life, Set<String> accounts) {
    /** How long a certificate is valid, if nothing else is said. */
    public static final Duration DEFAULT_LIFE = Duration.ofDays(30);

    private static final Duration LEAST_LIFE = Duration.ofSeconds(10);
    private static final Duration MOST_LIFE = Duration.ofDays(365);

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if any of it is out of bounds; the message is for people
     */
    public EnrolConfig {
        hosts = List.copyOf(hosts);
        accounts = Set.copyOf(accounts);
        if (life.compareTo(LEAST_LIFE) < 0 || life.compareTo(MOST_LIFE) > 0) {
            throw new IllegalArgumentException(
                    "expected certificates to be valid for 10 seconds to 365 days, found %s".formatted(life));
        }
        for (String account : accounts) {
            if (!account.matches("[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}")) {
                throw new IllegalArgumentException(
                        "expected a service account as NAMESPACE:NAME, found \"%s\"".formatted(account));
            }
        }
    }
}
