package io.kiroku.cli.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * A mapping in a YAML document, with where it stands for sentences. Every scalar is text: a token of digits is no number.
 *
 * @param place the file, and what leads to the mapping in it
 */
record YamlNode(String place, Map<?, ?> fields) {
    /** A document has no more characters. */
    static final int MOST_CHARACTERS = 4 << 20;

    private static final Set<String> NOTHING = Set.of("", "~", "null");

    /**
     * Reads a document that is a mapping; an empty one is an empty mapping.
     *
     * @throws ClusterException if it is no YAML, or something else
     */
    static YamlNode parse(String file, String text) throws ClusterException {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new FailsafeSchema())
                .setCodePointLimit(MOST_CHARACTERS)
                .build();
        Object document;
        try {
            document = new Load(settings).loadFromString(text);
        } catch (YamlEngineException | StackOverflowError damaged) {
            String why = String.valueOf(damaged.getMessage()).strip().replaceAll("\\R+ *", " ");
            throw new ClusterException("expected YAML in %s: %s"
                    .formatted(file, damaged instanceof Error ? "it is nested too deep" : why));
        }
        return node(file, document);
    }

    private static boolean isNothing(@Nullable Object value) {
        return value == null || (value instanceof String text && NOTHING.contains(text));
    }

    private static YamlNode node(String place, @Nullable Object value) throws ClusterException {
        if (isNothing(value)) {
            return new YamlNode(place, Map.of());
        }
        if (value instanceof Map<?, ?> map) {
            return new YamlNode(place, map);
        }
        throw new ClusterException("expected a mapping in %s, found something else".formatted(place));
    }

    /** The mapping of that name; empty if there is none. */
    YamlNode at(String name) throws ClusterException {
        return node(place + ", " + name, fields.get(name));
    }

    boolean has(String name) {
        return !isNothing(fields.get(name));
    }

    /** The text of that name, if there is any. */
    Optional<String> text(String name) throws ClusterException {
        Object value = fields.get(name);
        if (isNothing(value)) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text);
        }
        throw new ClusterException("expected text for %s in %s, found something else".formatted(name, place));
    }

    boolean flag(String name) throws ClusterException {
        return text(name).map("true"::equalsIgnoreCase).orElse(false);
    }

    /** The texts of that name. */
    List<String> texts(String name) throws ClusterException {
        List<String> texts = new ArrayList<>();
        for (Object one : values(name)) {
            if (!(one instanceof String text)) {
                throw new ClusterException("expected texts for %s in %s, found something else".formatted(name, place));
            }
            texts.add(text);
        }
        return texts;
    }

    /** The mappings of that name. */
    List<YamlNode> nodes(String name) throws ClusterException {
        List<YamlNode> nodes = new ArrayList<>();
        for (Object one : values(name)) {
            nodes.add(node(place + ", " + name, one));
        }
        return nodes;
    }

    private Collection<?> values(String name) throws ClusterException {
        Object value = fields.get(name);
        if (isNothing(value)) {
            return List.of();
        }
        if (value instanceof Collection<?> all) {
            return all;
        }
        throw new ClusterException("expected a list for %s in %s, found something else".formatted(name, place));
    }
}
