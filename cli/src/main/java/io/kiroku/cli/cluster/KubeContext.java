package io.kiroku.cli.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a kubeconfig's context says.
 *
 * @param namespace {@code default} if the context names none
 */
public record KubeContext(String name, String namespace, Cluster cluster, User user) {
    /**
     * An API server.
     *
     * @param server http or https, without a slash at its end
     * @param ca who may have certified it, in PEM; whom Java trusts if empty
     * @param insecure its certificate is not looked at
     * @param serverName what its certificate must be for, if that is not the URL's host
     * @param proxy an HTTP proxy that leads to it
     */
    public record Cluster(
            URI server, Optional<Pem> ca, boolean insecure, Optional<String> serverName, Optional<URI> proxy) {}

    /**
     * Who asks.
     *
     * @param tokenFile counts before the token
     * @param certificate with a key
     * @param exec what is run to get a token or a certificate
     */
    public record User(
            String name,
            Optional<String> token,
            Optional<Path> tokenFile,
            Optional<Pem> certificate,
            Optional<Pem> key,
            Optional<Exec> exec) {}

    /**
     * PEM, and where it comes from.
     *
     * @param place for sentences
     */
    public record Pem(String place, String text) {}

    /**
     * A credential plugin, as {@code client.authentication.k8s.io} has it.
     *
     * @param directory of the kubeconfig that names it
     * @param mayAsk whether it may read standard input
     */
    public record Exec(
            String apiVersion,
            String command,
            List<String> arguments,
            Map<String, String> environment,
            Path directory,
            boolean provideClusterInfo,
            boolean mayAsk,
            String installHint) {}
}
