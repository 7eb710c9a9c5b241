package io.kiroku.collector.export;

import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for. Unlike what is shown to read, evidence is all that matches: every container, restart, node and stream.
 * Without any criterion it is everything.
 *
 * @param namespace of the pods
 * @param pod the exact name
 * @param uid the beginning of the pod's uid
 * @param container the exact name
 * @param path what the sources' paths match
 * @param node the exact name
 * @param stream the beginning of the id in hexadecimal
 * @param since segments sealed then and later, on the node's clock
 * @param until segments sealed then and earlier
 */
public record BundleSelection(
        Optional<String> namespace,
        Optional<String> pod,
        Optional<String> uid,
        Optional<String> container,
        Optional<PathGlob> path,
        Optional<String> node,
        Optional<String> stream,
        Optional<Instant> since,
        Optional<Instant> until) {
    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException if since is later than until
     */
    public BundleSelection {
        if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
            throw new IllegalArgumentException(
                    "--since %s is later than --until %s".formatted(since.get(), until.get()));
        }
    }

    boolean includes(Source source) {
        return includes(source.node(), source.stream(), source.path(), source.pod());
    }

    /** The same for a source of which that is known. */
    boolean includes(String ofNode, Octets ofStream, FilePath ofPath, @Nullable PodLogPath of) {
        boolean wantsPod = namespace.isPresent() || pod.isPresent() || uid.isPresent() || container.isPresent();
        return (!wantsPod || (of != null && isPod(of)))
                && path.map(glob -> glob.matches(ofPath)).orElse(true)
                && node.map(ofNode::equals).orElse(true)
                && stream.map(ofStream.toString()::startsWith).orElse(true);
    }

    private boolean isPod(PodLogPath of) {
        return namespace.map(of.namespace()::equals).orElse(true)
                && pod.map(of.pod()::equals).orElse(true)
                && uid.map(of.uid()::startsWith).orElse(true)
                && container.map(of.container()::equals).orElse(true);
    }

    boolean includes(Instant sealed) {
        return !since.map(sealed::isBefore).orElse(false)
                && !until.map(sealed::isAfter).orElse(false);
    }

    /** The criteria by the names of their options. */
    Map<String, String> criteria() {
        Map<String, String> criteria = new TreeMap<>();
        namespace.ifPresent(value -> criteria.put("namespace", value));
        pod.ifPresent(value -> criteria.put("pod", value));
        uid.ifPresent(value -> criteria.put("uid", value));
        container.ifPresent(value -> criteria.put("container", value));
        path.ifPresent(value -> criteria.put("path", value.toString()));
        node.ifPresent(value -> criteria.put("node", value));
        stream.ifPresent(value -> criteria.put("stream", value));
        since.ifPresent(value -> criteria.put("since", value.toString()));
        until.ifPresent(value -> criteria.put("until", value.toString()));
        return criteria;
    }
}
