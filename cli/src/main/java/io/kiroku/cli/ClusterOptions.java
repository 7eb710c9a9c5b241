package io.kiroku.cli;

import io.kiroku.collector.config.ClusterConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose pods a collector watches. */
final class ClusterOptions {
    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = {
                "watch the pods of the cluster that it runs in, or that its kubeconfig names, and keep what is said of"
                        + " them,",
                "also once they are gone, under that name"
            })
    private @Nullable String name;

    @Option(
            names = "--preserve",
            paramLabel = "FILE",
            description = {
                "lines of NAMESPACES LABELS CAUSES TIME, such as: shop app=web crashed,oom-killed 90d; the first that"
                        + " fits says",
                "how long logs are marked to be kept (without it, all for 30d); read again when it changes"
            })
    private @Nullable Path preserve;

    /** What was chosen. */
    Optional<ClusterConfig> config() {
        if (name == null && preserve != null) {
            throw new IllegalArgumentException("--preserve is for the pods of a cluster: give --cluster NAME as well");
        }
        return name == null ? Optional.empty() : Optional.of(new ClusterConfig(name, Optional.ofNullable(preserve)));
    }
}
