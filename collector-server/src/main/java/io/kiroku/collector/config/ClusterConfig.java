package io.kiroku.collector.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which cluster's pods a collector watches: the one that it runs in, or that its kubeconfig names.
 *
 * @param name what the cluster is called: what it says of its pods is kept in the source {@code /kiroku/cluster/NAME}
 * @param preserve a file of rules for what is marked to be kept; if empty, everything is, for 30 days
 */
public record ClusterConfig(String name, Optional<Path> preserve) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it is none; the message is for people
     */
    public ClusterConfig {
        if (!name.matches("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "cluster: expected a name of 1 to 63 of the characters a-z 0-9 . - such as prod-eu, found \"%s\""
                            .formatted(name));
        }
    }
}
