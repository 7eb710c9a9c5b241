package io.kiroku.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which the evidence is found: a directory, or a collector that answers over HTTP. */
final class Origin {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "a collector's data directory; also while the collector runs")
    private @Nullable Path data;

    @Option(names = "--collector", paramLabel = "URL", description = "a collector, such as http://127.0.0.1:4480")
    private @Nullable String collector;

    @Mixin
    private CallerOptions caller = new CallerOptions();

    /** What the options say. */
    sealed interface Place {
        /** A directory with a collector's data. */
        record Directory(Path data) implements Place {}

        /** A collector. */
        record Remote(URI base, CallerOptions.Introduction introduction) implements Place {}
    }

    /** Where to look; by default where {@code up} keeps its data. */
    Place place(Map<String, String> environment) throws CommandException {
        if (data != null && collector != null) {
            throw CommandException.misuse("--data and --collector exclude each other");
        }
        if (collector != null) {
            return new Place.Remote(url(collector), caller.introduction(environment));
        }
        return new Place.Directory(DataDirectory.require(data != null ? data : DataDirectory.byDefault(environment)));
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
