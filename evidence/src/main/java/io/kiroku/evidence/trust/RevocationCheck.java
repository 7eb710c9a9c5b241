package io.kiroku.evidence.trust;

import io.kiroku.evidence.record.Octets;
import java.util.Optional;

/** Whether what a key vouches for still counts: if it is not revoked, or a log is known to have had it before. */
public record RevocationCheck(Revocations revocations, KnownTimes times) {
    /** Nothing is revoked. */
    public static final RevocationCheck NONE = new RevocationCheck(Revocations.NONE, new KnownTimes());

    /**
     * What speaks against a segment.
     *
     * @param identity the public key that vouches for it
     * @param index of its header in the log, from 0
     * @return a sentence; empty if nothing does
     */
    public Optional<String> objection(Octets identity, long index) {
        return revocations
                .of(identity)
                .filter(revoked -> !times.had(index, revoked.since()))
                .map(revoked -> "the identity %s vouches for it, which was revoked as of %s (%s); %s"
                        .formatted(
                                identity.brief(),
                                revoked.since(),
                                revoked.reason(),
                                times.by(revoked.since())
                                        .map(tree ->
                                                "the log is known to have had entries 0 to %d by then, and this is entry %d"
                                                        .formatted(tree.size() - 1, index))
                                        .orElse("nothing shows that the log had it before")));
    }
}
