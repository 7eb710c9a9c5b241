package io.kiroku.cli;

import io.kiroku.cli.cluster.ClusterException;
import io.kiroku.cli.cluster.CollectorAccess;
import io.kiroku.cli.cluster.Invocation;
import io.kiroku.cli.cluster.KubeConfig;
import io.kiroku.cli.cluster.KubeContext;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster's collector is meant. */
final class KubeconfigOptions {
    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "the collector in the cluster of that context of the kubeconfig, by a port that is forwarded"
                    + " meanwhile (default of kubectl kiroku: the current context)")
    private @Nullable String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "that kubeconfig (default: those of KUBECONFIG, or ~/.kube/config)")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--collector-namespace",
            paramLabel = "NS",
            description = "where in the cluster the collector is (default: wherever there is one)")
    private @Nullable String namespace;

    @Option(
            names = "--collector-service",
            paramLabel = "NAME",
            description = "the collector's service, if there are several")
    private @Nullable String service;

    @Option(
            names = "--service-account",
            paramLabel = "NS:NAME",
            description = "ask the collector with a token of that service account, made for it, instead of the"
                    + " kubeconfig's")
    private @Nullable String account;

    private @Nullable KubeContext read;

    /** Whether a cluster was named in any way. */
    boolean isGiven() {
        return context != null || kubeconfig != null || namespace != null || service != null || account != null;
    }

    /** What the kubeconfig says; it is read once. */
    KubeContext kubeContext(Map<String, String> environment) throws CommandException {
        if (read == null) {
            try {
                read = KubeConfig.context(
                        Optional.ofNullable(kubeconfig),
                        Optional.ofNullable(context),
                        environment,
                        Path.of(System.getProperty("user.home", "/")));
            } catch (ClusterException failure) {
                throw CommandException.failure(String.valueOf(failure.getMessage()));
            }
        }
        return read;
    }

    /** Opens the way to the collector. */
    CollectorAccess open(boolean hasToken, Map<String, String> environment) throws CommandException {
        KubeContext from = kubeContext(environment);
        try {
            return CollectorAccess.open(
                    from,
                    new CollectorAccess.Wanted(
                            Optional.ofNullable(namespace), Optional.ofNullable(service), Optional.ofNullable(account)),
                    hasToken,
                    new Invocation(environment, Terminal.isTerminal(0), InstantSource.system()));
        } catch (ClusterException failure) {
            throw CommandException.failure(String.valueOf(failure.getMessage()));
        }
    }
}
