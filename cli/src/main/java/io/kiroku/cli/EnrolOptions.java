package io.kiroku.cli;

import io.kiroku.collector.config.EnrolConfig;
import io.kiroku.collector.query.PointInTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** How a collector gives certificates to agents. */
final class EnrolOptions {
    @Option(
            names = "--enroll",
            description = {
                "give certificates to agents that have a code of kiroku enroll, or a token of their pod;",
                "the collector's own authority is made in its data"
            })
    private boolean enroll;

    @Option(
            names = "--tls-name",
            paramLabel = "HOST",
            split = ",",
            description = "a name or address that agents call this collector, without --tls; may be repeated")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--enroll-account",
            paramLabel = "NAMESPACE:NAME",
            split = ",",
            description = {
                "take tokens of pods with that service account, as the cluster's API server vouches for them;",
                "may be repeated"
            })
    private Set<String> accounts = new LinkedHashSet<>();

    @Option(
            names = "--certificate-life",
            paramLabel = "TIME",
            defaultValue = "30d",
            description = "how long a certificate is valid: 30d, 12h, ... (default: ${DEFAULT-VALUE})")
    private String life;

    /** What the options say. */
    Optional<EnrolConfig> config() {
        if (!enroll) {
            if (!names.isEmpty() || !accounts.isEmpty()) {
                throw new IllegalArgumentException(
                        "--tls-name and --enroll-account are for enrolment: give --enroll as well");
            }
            return Optional.empty();
        }
        return Optional.of(new EnrolConfig(names, PointInTime.duration(life), accounts));
    }
}
