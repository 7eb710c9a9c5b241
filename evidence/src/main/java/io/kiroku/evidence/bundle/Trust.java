package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.time.TrustAnchors;
import io.kiroku.evidence.trust.Revocations;
import java.util.List;
import java.util.Optional;

/**
 * Whose word the recipient of a bundle takes, from other hands than the bundle's.
 *
 * @param keys of logs; if there are any, the checkpoint has to be signed by one of them
 * @param policy which logs and witnesses; if there is one, the checkpoint has to fulfil it
 * @param earlier checkpoints of the log that were seen before; it has to continue each of them
 * @param revoked keys whose word counts up to a time only, besides those that the bundle itself names
 * @param authorities who is trusted to date; if any are named, each time stamp in the bundle has to be one of theirs
 */
public record Trust(
        List<VerifierKey> keys,
        Optional<Policy> policy,
        List<SignedNote> earlier,
        Revocations revoked,
        Optional<TrustAnchors> authorities) {
    /** Nothing but what lies in the bundle. */
    public static final Trust NONE = new Trust(List.of(), Optional.empty(), List.of());

    /** Nothing is revoked, and whoever dates is not asked for. */
    public Trust(List<VerifierKey> keys, Optional<Policy> policy, List<SignedNote> earlier) {
        this(keys, policy, earlier, Revocations.NONE, Optional.empty());
    }

    public Trust {
        keys = List.copyOf(keys);
        earlier = List.copyOf(earlier);
    }

    /** Whether the keys come from somewhere else than the bundle. */
    boolean isGiven() {
        return !keys.isEmpty() || policy.isPresent();
    }
}
