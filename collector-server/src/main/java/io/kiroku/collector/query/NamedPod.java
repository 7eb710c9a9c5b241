package io.kiroku.collector.query;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What the cluster said of a pod, as far as it helps to find its logs.
 *
 * @param logUid the uid in the paths of its logs
 * @param node where it ran; empty if it was never scheduled
 * @param state what became of it, for people: {@code Pending}, {@code Deleted}, ...
 * @param hasRun whether a container of it was ever started, as far as that is known
 * @param owners all that own it, directly or not
 */
public record NamedPod(
        String namespace,
        String name,
        String logUid,
        String node,
        String state,
        boolean hasRun,
        List<KindName> owners,
        Map<String, String> labels) {
    /** Copies the collections. */
    public NamedPod {
        owners = List.copyOf(owners);
        labels = Map.copyOf(labels);
    }

    /** Says which pods the cluster told of; asked only when it matters. */
    @FunctionalInterface
    public interface Register {
        /** Nothing is known but what paths tell. */
        Register NONE = List::of;

        List<NamedPod> list() throws IOException;
    }
}
