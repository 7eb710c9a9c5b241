package io.kiroku.collector.pods;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Pods such as a cluster tells of them, for tests: of Deployment web in namespace shop, on node-1. */
final class ToldPods {
    static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private ToldPods() {}

    static Pod pod(String name, String uid, String phase, Instance... instances) {
        return new Pod(
                "shop",
                name,
                uid,
                uid,
                "node-1",
                List.of(new Owner("ReplicaSet", "web-7d4f"), new Owner("Deployment", "web")),
                new TreeMap<>(Map.of("app", "web", "tier", "front")),
                START,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                phase,
                "",
                "",
                List.of(instances));
    }

    /** The same pod, after the kubelet or somebody did something to it. */
    static Pod but(Pod pod, Optional<Instant> deletion, Optional<Instant> gone, String reason) {
        return new Pod(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                pod.logUid(),
                pod.node(),
                pod.owners(),
                pod.labels(),
                pod.created(),
                deletion,
                gone,
                Optional.empty(),
                pod.phase(),
                reason,
                "",
                pod.instances());
    }

    static Pod gone(Pod pod, int second) {
        Optional<Instant> at = Optional.of(START.plusSeconds(second));
        return but(pod, at, at, pod.reason());
    }

    static Instance waiting(String container, int restart, String reason) {
        return instance(
                container, Instance.Kind.MAIN, restart, Instance.State.WAITING, -1, -1, OptionalInt.empty(), reason);
    }

    static Instance running(String container, int restart, int from) {
        return instance(
                container, Instance.Kind.MAIN, restart, Instance.State.RUNNING, from, -1, OptionalInt.empty(), "");
    }

    /** One that ended, both in seconds after {@link #START}. */
    static Instance ended(String container, int restart, int from, int to, int exitCode, String reason) {
        return instance(
                container,
                Instance.Kind.MAIN,
                restart,
                Instance.State.TERMINATED,
                from,
                to,
                OptionalInt.of(exitCode),
                reason);
    }

    static Instance init(String container, Instance.State state, int exitCode, String reason) {
        return instance(
                container,
                Instance.Kind.INIT,
                0,
                state,
                0,
                1,
                state == Instance.State.TERMINATED ? OptionalInt.of(exitCode) : OptionalInt.empty(),
                reason);
    }

    private static Instance instance(
            String container,
            Instance.Kind kind,
            int restart,
            Instance.State state,
            int from,
            int to,
            OptionalInt exitCode,
            String reason) {
        return new Instance(
                container,
                kind,
                restart,
                "registry.example/web:1",
                "registry.example/web@sha256:0123456789abcdef0123456789abcdef",
                state,
                from == -1 ? Optional.empty() : Optional.of(START.plusSeconds(from)),
                to == -1 ? Optional.empty() : Optional.of(START.plusSeconds(to)),
                exitCode,
                reason,
                "");
    }

    static PodTable table(Pod... pods) {
        PodTable table = new PodTable();
        for (Pod pod : pods) {
            table.add(new Observation.PodSeen(START, pod));
        }
        return table;
    }

    static void event(PodTable table, String uid, Pod about, int second, String reason, String message) {
        Instant at = START.plusSeconds(second);
        table.add(new Observation.EventSeen(
                at,
                new ClusterEvent(
                        uid,
                        at,
                        at.plusSeconds(5),
                        3,
                        "Warning",
                        reason,
                        message,
                        "kubelet",
                        "Pod",
                        about.namespace(),
                        about.name(),
                        about.uid())));
    }
}
