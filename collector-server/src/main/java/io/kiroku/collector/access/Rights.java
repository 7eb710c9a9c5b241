package io.kiroku.collector.access;

import java.util.Optional;

/**
 * What a caller may do. To be asked on a thread that may wait: the answer may be a cluster's. Whoever cannot be asked makes it
 * an {@link AccessUnavailableException}.
 */
public interface Rights {
    /** Whoever is on the machine itself, while nobody else can call. */
    Rights ALL = new Rights() {
        @Override
        public boolean may(Permission permission) {
            return true;
        }

        @Override
        public boolean may(Permission permission, Optional<String> namespace) {
            return true;
        }

        @Override
        public boolean readsEverywhere() {
            return true;
        }
    };

    /** Whether he may do that at all; of what can be read, somewhere. */
    boolean may(Permission permission);

    /**
     * Whether he may do that with what comes from there.
     *
     * @param namespace of a pod; empty for a source that is no pod's, which is the node's
     */
    boolean may(Permission permission, Optional<String> namespace);

    /** Whether he may read what comes from there. */
    default boolean reads(Optional<String> namespace) {
        return may(Permission.READ, namespace);
    }

    /** Whether he may read what comes from everywhere: every namespace, also those that are to come, and the nodes. */
    boolean readsEverywhere();
}
