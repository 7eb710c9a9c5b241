package io.kiroku.collector.cluster.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.kiroku.collector.pods.Owner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Who owns the owners of pods: of ReplicaSets and Jobs nothing is kept but that. A pod may be told of before its owner is; it waits
 * here for it. Used by any thread.
 */
final class Owners {
    /** ReplicaSets and Jobs, at most; the oldest leave. */
    private static final int MOST_OWNERS = 200_000;

    /** Pods that wait for their owner, at most; the oldest leave. */
    private static final int MOST_AWAITED = 20_000;

    /** Kinds that are watched because others own them. */
    private static final Set<String> WATCHED = Set.of("ReplicaSet", "Job");

    private final SequencedMap<String, Optional<Owner>> parents = new LinkedHashMap<>();
    private final SequencedMap<String, Set<String>> awaited = new LinkedHashMap<>();

    /** The one that controls an object, if one does. */
    static Optional<OwnerReference> controller(HasMetadata object) {
        List<OwnerReference> references = object.getMetadata().getOwnerReferences();
        return references == null
                ? Optional.empty()
                : references.stream()
                        .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                        .findFirst();
    }

    static Owner owner(OwnerReference reference) {
        return new Owner(PodReports.text(reference.getKind(), 253), PodReports.text(reference.getName(), 253));
    }

    /** The owner of a pod, and its owner, as far as is known now. */
    synchronized List<Owner> of(HasMetadata pod) {
        List<Owner> owners = new ArrayList<>();
        controller(pod).ifPresent(reference -> {
            owners.add(owner(reference));
            parents.getOrDefault(reference.getUid(), Optional.empty()).ifPresent(owners::add);
        });
        return owners;
    }

    /**
     * Has a pod wait for what is told of its owner. To be called after the pod was told of itself, so that nothing is told in between
     * that nobody takes up.
     *
     * @return its owner's owner, if that is known by now
     */
    synchronized Optional<Owner> await(HasMetadata pod) {
        Optional<OwnerReference> reference = controller(pod).filter(owner -> WATCHED.contains(owner.getKind()));
        if (reference.isEmpty()) {
            return Optional.empty();
        }
        String uid = reference.get().getUid();
        Optional<Owner> known = parents.get(uid);
        if (known != null) {
            return known;
        }
        awaited.computeIfAbsent(uid, _ -> new LinkedHashSet<>())
                .add(pod.getMetadata().getUid());
        if (awaited.size() > MOST_AWAITED) {
            awaited.pollFirstEntry();
        }
        return Optional.empty();
    }

    /**
     * A ReplicaSet or a Job is there.
     *
     * @return the uids of the pods that have waited for it, if it has an owner
     */
    synchronized Set<String> learn(HasMetadata owner) {
        Optional<Owner> parent = controller(owner).map(Owners::owner);
        parents.put(owner.getMetadata().getUid(), parent);
        if (parents.size() > MOST_OWNERS) {
            parents.pollFirstEntry();
        }
        Set<String> pods = awaited.remove(owner.getMetadata().getUid());
        return pods == null || parent.isEmpty() ? Set.of() : pods;
    }

    /** A ReplicaSet or a Job is gone; what is known of its pods stays with them. */
    synchronized void forget(String uid) {
        parents.remove(uid);
    }
}
