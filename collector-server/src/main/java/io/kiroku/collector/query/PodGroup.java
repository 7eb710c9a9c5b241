package io.kiroku.collector.query;

import java.util.Map;
import java.util.regex.Pattern;

/** Pods that are meant together. */
public sealed interface PodGroup {
    /** Those that something owns, or owns the owner of: a Deployment, a Job, a CronJob, ... */
    record Owned(KindName owner) implements PodGroup {
        /** What Kubernetes appends to names that it generates (apimachinery, {@code names.SimpleNameGenerator}). */
        private static final String RANDOM = "-[bcdfghjklmnpqrstvwxz2456789]{5}";

        private static final Map<String, String> SUFFIXES = Map.of(
                "Deployment",
                "-[bcdfghjklmnpqrstvwxz2456789]{1,10}" + RANDOM,
                "ReplicaSet",
                RANDOM,
                "StatefulSet",
                "-[0-9]{1,9}",
                "DaemonSet",
                RANDOM,
                "Job",
                "(-[0-9]{1,9})?" + RANDOM,
                "CronJob",
                "-[0-9]{8,12}(-[0-9]{1,9})?" + RANDOM,
                "ReplicationController",
                RANDOM);

        /**
         * Checks that it is no pod.
         *
         * @throws IllegalArgumentException if it is one
         */
        public Owned {
            if (owner.isPod()) {
                throw new IllegalArgumentException("expected what owns pods, such as deploy/web, found " + owner);
            }
        }

        @Override
        public boolean has(NamedPod pod) {
            return pod.owners().stream()
                    .anyMatch(
                            one -> one.name().equals(owner.name()) && one.kind().equalsIgnoreCase(owner.kind()));
        }

        @Override
        public boolean mayHave(String pod) {
            String suffix = SUFFIXES.get(owner.kind());
            return suffix != null
                    && pod.startsWith(owner.name())
                    && Pattern.matches(suffix, pod.substring(owner.name().length()));
        }

        @Override
        public String toString() {
            return owner.toString();
        }
    }

    /** Those with such labels. */
    record Labelled(LabelSelector selector) implements PodGroup {
        @Override
        public boolean has(NamedPod pod) {
            return selector.matches(pod.labels());
        }

        /** Nothing but what the cluster said tells labels. */
        @Override
        public boolean mayHave(String pod) {
            return false;
        }

        @Override
        public String toString() {
            return "-l " + selector;
        }
    }

    /** Whether a pod of which the cluster told is one of them. */
    boolean has(NamedPod pod);

    /** Whether a pod of which only the name is known looks like one of them. */
    boolean mayHave(String pod);
}
