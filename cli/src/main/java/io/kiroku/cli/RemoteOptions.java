package io.kiroku.cli;

import io.kiroku.cli.cluster.CollectorAccess;
import io.kiroku.collector.query.LogParameters;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which collector is asked, and as whom: one that answers at a URL, or the one of a cluster. */
final class RemoteOptions {
    @Option(names = "--collector", paramLabel = "URL", description = "a collector, such as http://127.0.0.1:4480")
    private @Nullable String collector;

    @Mixin
    private CallerOptions caller = new CallerOptions();

    @Mixin
    private KubeconfigOptions cluster = new KubeconfigOptions();

    /** Whether a collector was named. */
    boolean isGiven() {
        return collector != null || cluster.isGiven();
    }

    /** Whether a URL was named. */
    boolean hasUrl() {
        return collector != null;
    }

    /** Whether a cluster's collector is meant if no other place is named. */
    boolean isCluster() {
        return collector == null && (cluster.isGiven() || Kiroku.isKubectlPlugin());
    }

    /**
     * The collector. One that is found in a cluster is to be asked by a {@link CollectorClient}, which ends the way to it when it
     * is closed.
     */
    Origin.Place.Remote place(Map<String, String> environment) throws CommandException {
        if (collector != null && cluster.isGiven()) {
            throw CommandException.misuse("--collector and what chooses a cluster's collector exclude each other");
        }
        CallerOptions.Introduction introduction = caller.introduction(environment);
        if (collector != null) {
            return new Origin.Place.Remote(url(collector), introduction);
        }
        CollectorAccess access = cluster.open(introduction.token().isPresent(), environment);
        return new Origin.Place.Remote(access.base(), introduction.through(access));
    }

    /** The context's namespace, for a cluster's collector; kubectl's default for any other. */
    String namespace(Map<String, String> environment) throws CommandException {
        return isCluster() ? cluster.kubeContext(environment).namespace() : LogParameters.DEFAULT_NAMESPACE;
    }

    /** The case that was stated; empty if none was. */
    String caseId() {
        return caller.caseId();
    }

    static URI url(String text) throws CommandException {
        String full = text.contains("://") ? text : "http://" + text;
        try {
            URI uri = new URI(full.endsWith("/") ? full.substring(0, full.length() - 1) : full);
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null || uri.getQuery() != null) {
                throw noUrl(text);
            }
            return uri;
        } catch (URISyntaxException syntax) {
            throw noUrl(text);
        }
    }

    private static CommandException noUrl(String text) {
        return CommandException.misuse(
                "expected the URL of a collector such as http://127.0.0.1:4480, found \"%s\"".formatted(text));
    }
}
