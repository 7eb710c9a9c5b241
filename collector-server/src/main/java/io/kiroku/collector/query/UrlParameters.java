package io.kiroku.collector.query;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What requests have in common as the parameters of a URL. Errors are IllegalArgumentExceptions whose messages are for people. */
public final class UrlParameters {
    private static final int MOST_LENGTH = 8192;

    private UrlParameters() {}

    /** Refuses a parameter that is not one of these, or longer than 8192 characters. */
    public static void requireKnown(Map<String, String> parameters, Set<String> names) {
        parameters.forEach((name, value) -> {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(name));
            }
            if (value.length() > MOST_LENGTH) {
                throw new IllegalArgumentException(
                        "expected at most %d characters in %s, found %d".formatted(MOST_LENGTH, name, value.length()));
            }
        });
    }

    /** The namespace that {@code namespace} names, by default kubectl's; empty if {@code allNamespaces} are meant. */
    public static Optional<String> namespace(Map<String, String> parameters) {
        return flag(parameters, "allNamespaces")
                ? Optional.empty()
                : text(parameters, "namespace").or(() -> Optional.of(LogParameters.DEFAULT_NAMESPACE));
    }

    /** A text; empty if there is none, or an empty one. */
    public static Optional<String> text(Map<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    /** Whether something is so: {@code true}, {@code 1} or nothing behind the name. */
    public static boolean flag(Map<String, String> parameters, String name) {
        String value = parameters.getOrDefault(name, "false");
        return switch (value) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default ->
                throw new IllegalArgumentException(
                        "expected true or false for %s, found \"%s\"".formatted(name, value));
        };
    }

    /** The query of a URL. */
    public static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
