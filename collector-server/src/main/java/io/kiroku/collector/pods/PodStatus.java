package io.kiroku.collector.pods;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pod's status in a word, by the rules of {@code kubectl get pods} (pkg/printers/internalversion, {@code printPod}). */
final class PodStatus {
    private static final String COMPLETED = "Completed";

    private PodStatus() {}

    static String of(Pod pod) {
        if (pod.gone().isPresent()) {
            return pod.reason().isEmpty() ? "Deleted" : pod.reason();
        }
        if (pod.deletion().isPresent()) {
            return pod.reason().equals("NodeLost") ? "Unknown" : "Terminating";
        }
        String overall = pod.reason().isEmpty() ? pod.phase() : pod.reason();
        List<Instance> main = newest(pod, Instance.Kind.MAIN);
        boolean begun = main.stream().anyMatch(instance -> instance.state() != Instance.State.WAITING);
        String init = begun ? "" : initialising(newest(pod, Instance.Kind.INIT));
        return init.isEmpty() ? ofContainers(overall, main) : init;
    }

    /** The newest instance of each container. */
    private static List<Instance> newest(Pod pod, Instance.Kind kind) {
        Map<String, Instance> newest = new LinkedHashMap<>();
        for (Instance instance : pod.instances()) {
            if (instance.kind() == kind) {
                newest.merge(
                        instance.container(),
                        instance,
                        (known, other) -> other.restart() >= known.restart() ? other : known);
            }
        }
        return new ArrayList<>(newest.values());
    }

    /** Why its containers have not begun: the first one before them that has not ended well; empty if there is none. */
    private static String initialising(List<Instance> before) {
        int done = 0;
        for (Instance instance : before) {
            if (instance.state() == Instance.State.TERMINATED && !instance.hasCrashed()) {
                done++;
            } else if (instance.state() == Instance.State.RUNNING
                    || (instance.reason().isEmpty() && instance.state() == Instance.State.WAITING)
                    || instance.reason().equals("PodInitializing")) {
                return "Init:%d/%d".formatted(done, before.size());
            } else {
                return "Init:" + why(instance);
            }
        }
        return "";
    }

    private static String ofContainers(String overall, List<Instance> main) {
        String status = overall;
        boolean running = false;
        for (Instance instance : main.reversed()) {
            switch (instance.state()) {
                case WAITING -> status = instance.reason().isEmpty() ? status : instance.reason();
                case TERMINATED -> status = why(instance);
                case RUNNING -> running = true;
            }
        }
        return running && status.equals(COMPLETED) ? "Running" : status;
    }

    private static String why(Instance instance) {
        if (!instance.reason().isEmpty()) {
            return instance.reason();
        }
        return instance.exitCode().isPresent()
                ? "ExitCode:" + instance.exitCode().getAsInt()
                : instance.state() == Instance.State.TERMINATED ? "Error" : "Unknown";
    }
}
