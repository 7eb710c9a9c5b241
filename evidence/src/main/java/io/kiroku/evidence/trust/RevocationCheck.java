package io.kiroku.evidence.trust;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Verifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether what revoked identities vouch for still counts: as far as the log is known to have had it before. Follows segments
 * in the order in which a {@link Verifier} is given them, and tells it at the end what does not. For use by one thread, once.
 */
public final class RevocationCheck {
    private final Revocations revocations;
    private final KnownTimes times;
    private final Map<Octets, Doubted> doubted = new LinkedHashMap<>();

    /** What is doubted of one identity: its segments, which are all of one stream. */
    private record Doubted(Location first, Octets stream, long from, long to, long count, Revocation revoked) {
        private Doubted and(long sequence) {
            return new Doubted(first, stream, from, Math.max(to, sequence), count + 1, revoked);
        }
    }

    /**
     * A check by what is known now.
     *
     * @param times what is known of when the log had what; must be complete before the first segment
     */
    public RevocationCheck(Revocations revocations, KnownTimes times) {
        this.revocations = revocations;
        this.times = times;
    }

    /** Nothing is revoked. */
    public static RevocationCheck none() {
        return new RevocationCheck(Revocations.NONE, new KnownTimes());
    }

    /**
     * Takes a segment that the verifier was just given.
     *
     * @param index of its header in the log, from 0
     */
    public void segment(Verifier verifier, Location at, Octets stream, long sequence, long index) {
        if (revocations.isEmpty()) {
            return;
        }
        verifier.identity(stream)
                .flatMap(revocations::of)
                .filter(revoked -> !times.had(index, revoked.since()))
                .ifPresent(revoked -> doubted.merge(
                        revoked.key(),
                        new Doubted(at, stream, sequence, sequence, 1, revoked),
                        (before, _) -> before.and(sequence)));
    }

    /** Tells what does not count: against integrity, one finding for each identity. */
    public void tell(Verifier verifier) {
        doubted.values().forEach(one -> verifier.damaged(one.first(), one.stream(), one.from(), sentence(one)));
    }

    private String sentence(Doubted one) {
        Revocation revoked = one.revoked();
        Optional<KnownTimes.Seen> known = times.by(revoked.since());
        return "%d segments from %d to %d are vouched for by the identity %s, which was revoked as of %s (%s); %s"
                .formatted(
                        one.count(),
                        one.from(),
                        one.to(),
                        revoked.key().brief(),
                        revoked.since(),
                        revoked.reason(),
                        known.map(tree ->
                                        "the log is known to have had its first %d entries by then, and these are later ones"
                                                .formatted(tree.size()))
                                .orElse("nothing shows that the log had them before"));
    }
}
