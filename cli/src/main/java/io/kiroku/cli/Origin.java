package io.kiroku.cli;

import io.kiroku.collector.query.LogParameters;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which the evidence is found: a directory, a collector that answers over HTTP, or the one of a cluster. */
final class Origin {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "a collector's data directory; also while the collector runs")
    private @Nullable Path data;

    @Mixin
    private RemoteOptions remote = new RemoteOptions();

    /** What the options say. */
    sealed interface Place {
        /** A directory with a collector's data. */
        record Directory(Path data) implements Place {}

        /** A collector. */
        record Remote(URI base, CallerOptions.Introduction introduction) implements Place {}
    }

    /** Where to look: by default where {@code up} keeps its data, and for the kubectl plugin in the cluster. */
    Place place(Map<String, String> environment) throws CommandException {
        if (data != null && remote.isGiven()) {
            throw CommandException.misuse(
                    remote.hasUrl()
                            ? "--data and --collector exclude each other"
                            : "--data and what chooses a cluster's collector exclude each other");
        }
        if (data == null && (remote.isGiven() || remote.isCluster())) {
            return remote.place(environment);
        }
        return new Place.Directory(DataDirectory.require(data != null ? data : DataDirectory.byDefault(environment)));
    }

    /** The case that was stated; empty if none was. */
    String caseId() {
        return remote.caseId();
    }

    /** Where a pod is looked for when no namespace is named: in the context's, in a cluster. */
    String namespace(Map<String, String> environment) throws CommandException {
        return data == null ? remote.namespace(environment) : LogParameters.DEFAULT_NAMESPACE;
    }
}
