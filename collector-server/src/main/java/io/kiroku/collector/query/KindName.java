package io.kiroku.collector.query;

import java.util.Locale;
import java.util.Map;

/**
 * What {@code kubectl} is given for a thing: {@code NAME} for a pod, or {@code KIND/NAME}.
 *
 * @param kind as Kubernetes writes it if it is a known one, otherwise as it was given
 */
public record KindName(String kind, String name) {
    private static final int MOST_LENGTH = 512;

    private static final String POD = "Pod";

    /** What {@code kubectl} calls what owns pods: singular, plural and short names. */
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("po", POD),
            Map.entry("pod", POD),
            Map.entry("pods", POD),
            Map.entry("deploy", "Deployment"),
            Map.entry("deployment", "Deployment"),
            Map.entry("deployments", "Deployment"),
            Map.entry("rs", "ReplicaSet"),
            Map.entry("replicaset", "ReplicaSet"),
            Map.entry("replicasets", "ReplicaSet"),
            Map.entry("sts", "StatefulSet"),
            Map.entry("statefulset", "StatefulSet"),
            Map.entry("statefulsets", "StatefulSet"),
            Map.entry("ds", "DaemonSet"),
            Map.entry("daemonset", "DaemonSet"),
            Map.entry("daemonsets", "DaemonSet"),
            Map.entry("job", "Job"),
            Map.entry("jobs", "Job"),
            Map.entry("cj", "CronJob"),
            Map.entry("cronjob", "CronJob"),
            Map.entry("cronjobs", "CronJob"),
            Map.entry("rc", "ReplicationController"),
            Map.entry("replicationcontroller", "ReplicationController"),
            Map.entry("replicationcontrollers", "ReplicationController"));

    /**
     * Reads {@code web-0}, {@code pod/web-0}, {@code deploy/web}, {@code deployments.apps/web}, or another kind of owner.
     *
     * @throws IllegalArgumentException if it is none of these; the message is for people
     */
    public static KindName parse(String text) {
        int slash = text.indexOf('/');
        String kind = slash < 0 ? POD : text.substring(0, slash);
        String name = text.substring(slash + 1);
        if (text.length() > MOST_LENGTH || kind.isEmpty() || name.isEmpty() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "expected a POD, or KIND/NAME such as deploy/web, found \"%s\"".formatted(text));
        }
        int group = kind.indexOf('.');
        String word = (group < 0 ? kind : kind.substring(0, group)).toLowerCase(Locale.ROOT);
        return new KindName(KINDS.getOrDefault(word, word), name);
    }

    /** Whether a pod is named, not the owner of some. */
    public boolean isPod() {
        return kind.equals(POD);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return kind.toLowerCase(Locale.ROOT) + "/" + name;
    }
}
