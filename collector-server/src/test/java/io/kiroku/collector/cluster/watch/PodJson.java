package io.kiroku.collector.cluster.watch;

/** Objects as an API server writes them. */
final class PodJson {
    private PodJson() {}

    /** A pod of a ReplicaSet; {@code status} is what is between the braces. */
    static String pod(String name, String uid, String more, String status) {
        return """
            {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"%s","uid":"%s",
            "creationTimestamp":"2026-03-01T10:00:00Z","labels":{"app":"web"}%s,
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7d4f","uid":"rs-1","controller":true}]},
            "spec":{"nodeName":"node-1","containers":[{"name":"app","image":"web:1"}]},
            "status":{%s}}\
            """.formatted(name, uid, more, status);
    }

    /** The status of one container; {@code states} is the rest of it. */
    static String status(String phase, int restarts, String states) {
        return """
            "phase":"%s","containerStatuses":[{"name":"app","image":"docker.io/web:1","imageID":"web@sha256:12",
            "restartCount":%d,"ready":true,%s}]\
            """.formatted(phase, restarts, states);
    }

    static String running(int restarts) {
        return status(
                "Running",
                restarts,
                "\"state\":{\"running\":{\"startedAt\":\"2026-03-01T10:00:0%dZ\"}}".formatted(restarts));
    }

    static String terminated(int exit, String reason) {
        return """
            {"terminated":{"exitCode":%d,"reason":"%s","startedAt":"2026-03-01T10:00:01Z","finishedAt":"2026-03-01T10:00:02Z"}}\
            """.formatted(exit, reason);
    }

    static String replicaSet(String name, String uid, String deployment) {
        return """
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"namespace":"shop","name":"%s","uid":"%s",
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"%s","uid":"d-1","controller":true}]}}\
            """.formatted(name, uid, deployment);
    }

    static String event(String name, String reason, String aboutUid, int count) {
        return """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"namespace":"shop","name":"%s","uid":"e-%s",
            "creationTimestamp":"2026-03-01T10:00:00Z"},"eventTime":null,"deprecatedFirstTimestamp":"2026-03-01T10:00:03Z",
            "deprecatedLastTimestamp":"2026-03-01T10:00:04Z","deprecatedCount":%d,"deprecatedSource":{"component":"kubelet"},
            "type":"Warning","reason":"%s","note":"Back-off restarting failed container",
            "regarding":{"kind":"Pod","namespace":"shop","name":"web","uid":"%s"}}\
            """.formatted(name, name, count, reason, aboutUid);
    }
}
