package io.kiroku.collector.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who had pods deleted, as far as API servers have audited it: requests that were granted. The kubelet's own request, by which a pod
 * that has ended is finally removed, is one of them, after the one that asked for its end.
 */
public final class Deletions {
    /** In which way a pod was deleted. */
    public enum How {
        /** {@code delete} of the pod. */
        DELETED,
        /** {@code create} of {@code pods/eviction}, as a drain does it. */
        EVICTED,
        /** {@code deletecollection} in its namespace: the pod may have been among those that were meant. */
        WITH_OTHERS
    }

    /**
     * A request.
     *
     * @param at when it was answered
     * @param user who made it
     * @param actingAs whom he impersonated; empty if nobody
     * @param uid the pod's; empty if the audit does not say it
     * @param from the address that it came from; empty if that is not known
     * @param seen where it is on record
     */
    public record Deletion(
            Instant at,
            String user,
            String actingAs,
            How how,
            String namespace,
            String name,
            String uid,
            String from,
            String userAgent,
            List<Seen> seen) {}

    private record Pod(String namespace, String name) {}

    private final Map<Pod, List<Deletion>> byPod = new HashMap<>();
    private final Map<String, List<Deletion>> withOthers = new HashMap<>();

    private Deletions() {}

    /** Those among the events. */
    public static Deletions among(List<Recorded> events) {
        Deletions deletions = new Deletions();
        events.forEach(recorded -> of(recorded).ifPresent(deletions::add));
        return deletions;
    }

    private static Optional<Deletion> of(Recorded recorded) {
        AuditEvent event = recorded.event();
        AuditEvent.Target target = event.target();
        boolean isGranted = event.isLast() && event.code() >= 200 && event.code() < 300;
        boolean isPod = target.resource().equals("pods") && target.group().isEmpty();
        if (!isGranted || !isPod || event.uri().contains("dryRun=")) {
            return Optional.empty();
        }
        return how(event)
                .map(how -> new Deletion(
                        event.at(),
                        event.user(),
                        event.actingAs(),
                        how,
                        target.namespace(),
                        target.name(),
                        target.uid(),
                        event.from().isEmpty() ? "" : event.from().getFirst(),
                        event.userAgent(),
                        recorded.seen()));
    }

    private static Optional<How> how(AuditEvent event) {
        return switch (event.verb() + " " + event.target().subresource()) {
            case "delete " -> Optional.of(How.DELETED);
            case "create eviction" -> Optional.of(How.EVICTED);
            case "deletecollection " -> Optional.of(How.WITH_OTHERS);
            default -> Optional.empty();
        };
    }

    private void add(Deletion deletion) {
        if (deletion.how() == How.WITH_OTHERS) {
            withOthers
                    .computeIfAbsent(deletion.namespace(), _ -> new ArrayList<>())
                    .add(deletion);
        } else {
            byPod.computeIfAbsent(new Pod(deletion.namespace(), deletion.name()), _ -> new ArrayList<>())
                    .add(deletion);
        }
    }

    /**
     * Those that were of a pod, or may have been, the oldest first. Another pod of that name, by its uid, is left out where the audit
     * says the uid; where it does not, names are used again, and the time has to tell.
     *
     * @param uid the pod's; empty for any of that name
     */
    public List<Deletion> of(String namespace, String name, String uid) {
        List<Deletion> found = new ArrayList<>(withOthers.getOrDefault(namespace, List.of()));
        for (Deletion deletion : byPod.getOrDefault(new Pod(namespace, name), List.of())) {
            if (uid.isEmpty() || deletion.uid().isEmpty() || deletion.uid().equals(uid)) {
                found.add(deletion);
            }
        }
        found.sort(Comparator.comparing(Deletion::at));
        return found;
    }
}
