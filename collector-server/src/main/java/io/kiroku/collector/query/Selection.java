package io.kiroku.collector.query;

import java.util.Optional;

/**
 * Which sources are meant: those of a pod, those of several pods, or those whose paths match.
 *
 * @param pod the pod's exact name; without it {@code group} or {@code path} is there
 * @param group pods that are meant together
 * @param namespace the pod's or the group's; without it any
 * @param uid the beginning of the pod's uid; without it the newest pod of the name
 * @param container one of the pod's; without it the only one
 * @param allContainers every one, instead of one
 * @param restart which instances of the container
 * @param path what the paths match
 * @param node the node's exact name; without it the only one
 * @param stream the beginning of the stream's id in hexadecimal
 */
public record Selection(
        Optional<String> pod,
        Optional<PodGroup> group,
        Optional<String> namespace,
        Optional<String> uid,
        Optional<String> container,
        boolean allContainers,
        Restart restart,
        Optional<PathGlob> path,
        Optional<String> node,
        Optional<String> stream) {
    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException if neither a pod nor a path is named, or what belongs to a pod without a pod
     */
    public Selection {
        boolean ofPods = pod.isPresent() || group.isPresent();
        if (!ofPods && path.isEmpty()) {
            throw new IllegalArgumentException("name a POD, or sources by their path with --path GLOB");
        }
        if (pod.isPresent() && group.isPresent()) {
            throw new IllegalArgumentException("a POD and several pods (KIND/NAME, -l SELECTOR) exclude each other");
        }
        if (!ofPods
                && (uid.isPresent()
                        || container.isPresent()
                        || allContainers
                        || !(restart instanceof Restart.Latest))) {
            throw new IllegalArgumentException("a container, a restart and a uid go with a POD, and none is named");
        }
        if (group.isPresent() && uid.isPresent()) {
            throw new IllegalArgumentException("a uid goes with one POD, not with several");
        }
        if (container.isPresent() && allContainers) {
            throw new IllegalArgumentException("-c and --all-containers exclude each other");
        }
    }

    /** Whether pods are meant, one or several. */
    public boolean isOfPods() {
        return pod.isPresent() || group.isPresent();
    }

    /** The newest instance of the only container of a pod. */
    public static Selection ofPod(String namespace, String pod) {
        return new Selection(
                Optional.of(pod),
                Optional.empty(),
                Optional.of(namespace),
                Optional.empty(),
                Optional.empty(),
                false,
                new Restart.Latest(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** All sources whose paths match. */
    public static Selection ofPath(String glob) {
        return new Selection(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                new Restart.Latest(),
                Optional.of(PathGlob.parse(glob)),
                Optional.empty(),
                Optional.empty());
    }
}
