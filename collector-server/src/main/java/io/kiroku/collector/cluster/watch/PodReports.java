package io.kiroku.collector.cluster.watch;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.kiroku.collector.pods.Instance;
import io.kiroku.collector.pods.Owner;
import io.kiroku.collector.pods.Pod;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an API server says of a pod, in words of our own and within bounds: of very many containers the first, of long texts the
 * beginning.
 */
final class PodReports {
    /** Where a mirror pod says under which uid the kubelet runs the static pod that it stands for. */
    static final String MIRROR = "kubernetes.io/config.mirror";

    /** The kubelet cuts messages of ends at 4096 bytes, and what is shown needs less. */
    static final int MOST_MESSAGE = 1024;

    private static final int MOST_NAME = 253;
    private static final int MOST_LABEL = 317;
    private static final int MOST_IMAGE = 1024;
    private static final int MOST_LABELS = 64;
    private static final int MOST_LABEL_VALUE = 63;
    private static final int MOST_CONTAINERS = 256;
    private static final String UNKNOWN_END = "ContainerStatusUnknown";

    private PodReports() {}

    /**
     * A pod that is there.
     *
     * @param owners the nearest first
     */
    static Pod report(io.fabric8.kubernetes.api.model.Pod pod, List<Owner> owners) {
        ObjectMeta meta = pod.getMetadata();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        String uid = text(meta.getUid(), MOST_NAME);
        return new Pod(
                text(meta.getNamespace(), MOST_NAME),
                text(meta.getName(), MOST_NAME),
                uid,
                logUid(meta, uid),
                pod.getSpec() == null ? "" : text(pod.getSpec().getNodeName(), MOST_NAME),
                owners,
                labels(meta.getLabels()),
                time(meta.getCreationTimestamp()).orElse(Instant.EPOCH),
                time(meta.getDeletionTimestamp()),
                Optional.empty(),
                Optional.empty(),
                status.getPhase() == null ? "Unknown" : text(status.getPhase(), MOST_NAME),
                text(status.getReason(), MOST_NAME),
                text(status.getMessage(), MOST_MESSAGE),
                instances(pod, status));
    }

    private static String logUid(ObjectMeta meta, String uid) {
        Map<String, String> annotations = meta.getAnnotations();
        String mirror = annotations == null ? null : annotations.get(MIRROR);
        return mirror == null || mirror.isEmpty() ? uid : text(mirror, MOST_NAME);
    }

    private static SortedMap<String, String> labels(@Nullable Map<String, String> labels) {
        SortedMap<String, String> bounded = new TreeMap<>();
        if (labels != null) {
            labels.entrySet().stream()
                    .limit(MOST_LABELS)
                    .forEach(label ->
                            bounded.put(text(label.getKey(), MOST_LABEL), text(label.getValue(), MOST_LABEL_VALUE)));
        }
        return bounded;
    }

    private static List<Instance> instances(io.fabric8.kubernetes.api.model.Pod pod, PodStatus status) {
        List<Instance> instances = new ArrayList<>();
        List<Container> containers =
                pod.getSpec() == null ? null : pod.getSpec().getContainers();
        List<Container> first = pod.getSpec() == null ? null : pod.getSpec().getInitContainers();
        add(Instance.Kind.INIT, status.getInitContainerStatuses(), first, instances);
        add(Instance.Kind.MAIN, status.getContainerStatuses(), containers, instances);
        add(Instance.Kind.EPHEMERAL, status.getEphemeralContainerStatuses(), null, instances);
        return instances;
    }

    private static void add(
            Instance.Kind kind,
            @Nullable List<ContainerStatus> statuses,
            @Nullable List<Container> specified,
            List<Instance> to) {
        if (statuses == null) {
            return;
        }
        for (ContainerStatus status : statuses.subList(0, Math.min(statuses.size(), MOST_CONTAINERS))) {
            String image = image(status, specified);
            int count = status.getRestartCount() == null ? 0 : Math.max(0, status.getRestartCount());
            ContainerState state = status.getState() == null ? new ContainerState() : status.getState();
            Optional<ContainerStateTerminated> before =
                    Optional.ofNullable(status.getLastState()).map(ContainerState::getTerminated);
            boolean waits = state.getRunning() == null && state.getTerminated() == null;
            // The kubelet counts a life once it begins. So while a container waits to be started again, the count is
            // that of the
            // life that has ended; unless that life was lost with its container, for then the kubelet has counted on.
            boolean ended = before.isPresent()
                    && waits
                    && !UNKNOWN_END.equals(before.get().getReason());
            int present = ended ? count + 1 : count;
            before.filter(_ -> present > 0).ifPresent(end -> to.add(terminated(status, kind, present - 1, image, end)));
            to.add(present(status, kind, present, image, state));
        }
    }

    /** As the pod asks for it: the status may have another name of the same image. */
    private static String image(ContainerStatus status, @Nullable List<Container> specified) {
        if (specified != null) {
            for (Container container : specified) {
                if (container.getName() != null
                        && container.getName().equals(status.getName())
                        && container.getImage() != null) {
                    return text(container.getImage(), MOST_IMAGE);
                }
            }
        }
        return text(status.getImage(), MOST_IMAGE);
    }

    private static Instance present(
            ContainerStatus status, Instance.Kind kind, int restart, String image, ContainerState state) {
        if (state.getTerminated() != null) {
            return terminated(status, kind, restart, image, state.getTerminated());
        }
        boolean runs = state.getRunning() != null;
        String reason =
                state.getWaiting() == null ? "" : text(state.getWaiting().getReason(), MOST_NAME);
        String message =
                state.getWaiting() == null ? "" : text(state.getWaiting().getMessage(), MOST_MESSAGE);
        return new Instance(
                text(status.getName(), MOST_NAME),
                kind,
                restart,
                image,
                runs ? text(status.getImageID(), MOST_IMAGE) : "",
                runs ? Instance.State.RUNNING : Instance.State.WAITING,
                runs ? time(state.getRunning().getStartedAt()) : Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                reason,
                message);
    }

    private static Instance terminated(
            ContainerStatus status, Instance.Kind kind, int restart, String image, ContainerStateTerminated end) {
        return new Instance(
                text(status.getName(), MOST_NAME),
                kind,
                restart,
                image,
                text(status.getImageID(), MOST_IMAGE),
                Instance.State.TERMINATED,
                time(end.getStartedAt()),
                time(end.getFinishedAt()),
                end.getExitCode() == null ? OptionalInt.empty() : OptionalInt.of(end.getExitCode()),
                text(end.getReason(), MOST_NAME),
                text(end.getMessage(), MOST_MESSAGE));
    }

    /** A text without its end, if it is too long; empty if there is none. */
    static String text(@Nullable String text, int most) {
        if (text == null) {
            return "";
        }
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end);
    }

    /** A time of Kubernetes; empty if there is none, or the zero time of a program that had none to tell. */
    static Optional<Instant> time(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant()).filter(time -> time.isAfter(Instant.EPOCH));
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }
}
