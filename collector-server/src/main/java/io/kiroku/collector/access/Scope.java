package io.kiroku.collector.access;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Where a role holds, as files write it: names of namespaces with commas between them, {@code *} for every namespace,
 * {@code @node} for the sources that are no pod's.
 *
 * @param everyNamespace whether it holds in all of them
 * @param node whether it holds for the nodes' own sources
 * @param namespaces the namespaces that are named
 */
public record Scope(boolean everyNamespace, boolean node, Set<String> namespaces) {
    /** Everywhere. */
    public static final String EVERYWHERE = "*,@node";

    private static final String EVERY = "*";
    private static final String NODE = "@node";

    /** RFC 1123 label, as Kubernetes names namespaces. */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** Keeps the names in order. */
    public Scope {
        namespaces = Collections.unmodifiableSet(new TreeSet<>(namespaces));
    }

    /**
     * Reads a scope.
     *
     * @throws IllegalArgumentException if it is none; the message is for people
     */
    public static Scope parse(String text) {
        Set<String> names = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            if (!part.equals(EVERY)
                    && !part.equals(NODE)
                    && !NAMESPACE.matcher(part).matches()) {
                throw new IllegalArgumentException(
                        "expected namespaces with commas between them, * for all or @node, found \"%s\""
                                .formatted(part));
            }
            names.add(part);
        }
        return new Scope(names.remove(EVERY), names.remove(NODE), names);
    }

    /** As {@link #parse} reads it. */
    public String text() {
        List<String> parts = new ArrayList<>(namespaces);
        if (everyNamespace) {
            parts.add(EVERY);
        }
        if (node) {
            parts.add(NODE);
        }
        return String.join(",", parts);
    }

    boolean includes(Optional<String> namespace) {
        return namespace
                .map(name -> everyNamespace || namespaces.contains(name))
                .orElse(node);
    }
}
