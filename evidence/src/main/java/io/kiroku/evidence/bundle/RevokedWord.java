package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.trust.KnownTimes;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.trust.Revocations;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Whose word still counts: of a revoked key only what others are known to have seen in time. What a revoked key itself says of
 * the time counts for nothing: who has it dates as he likes.
 */
final class RevokedWord {
    private final Revocations revocations;
    private final KnownTimes times = new KnownTimes();
    private final RevocationCheck segments;

    private RevokedWord(Revocations revocations) {
        this.revocations = revocations;
        this.segments = new RevocationCheck(revocations, times);
    }

    /** What the recipient holds for revoked, and what the bundle says is. */
    static RevokedWord of(ZipReader zip, Trust trust, BundleFindings findings) throws IOException {
        if (zip.find(BundleNames.REVOKED) == null) {
            return new RevokedWord(trust.revoked());
        }
        try {
            Revocations own = Revocations.parse(zip.bytes(BundleNames.REVOKED, Revocations.MOST_BYTES));
            return new RevokedWord(trust.revoked().and(own));
        } catch (MalformedException malformed) {
            findings.damaged(BundleNames.REVOKED, String.valueOf(malformed.getMessage()));
            return new RevokedWord(trust.revoked());
        }
    }

    /** Those who signed a checkpoint of that size, which the bundle's continues, have seen it when they say so. */
    void seen(long size, NoteVerdict.Holds holds) {
        for (NoteVerdict.Signed signed : holds.by()) {
            boolean isTimed = signed.seconds() > 0 && signed.seconds() <= Instant.MAX.getEpochSecond();
            if (isTimed && revocations.of(signed.key().publicKey()).isEmpty()) {
                times.add(new KnownTimes.Seen(
                        size,
                        Instant.ofEpochSecond(signed.seconds()),
                        signed.key().name()));
            }
        }
    }

    void seen(KnownTimes.Seen tree) {
        times.add(tree);
    }

    /** A note without the signatures that do not count; empty if none does. */
    Optional<SignedNote> counted(SignedNote note, long size, Collection<VerifierKey> keys) {
        List<SignedNote.Signature> counted = note.signatures().stream()
                .filter(signature -> keys.stream()
                        .filter(key -> key.name().equals(signature.name()) && key.keyId() == signature.keyId())
                        .allMatch(key -> counts(key, size)))
                .toList();
        return counted.isEmpty() ? Optional.empty() : Optional.of(new SignedNote(note.text(), counted));
    }

    private boolean counts(VerifierKey key, long size) {
        Optional<Revocation> revoked = revocations.of(key.publicKey());
        return revoked.isEmpty() || times.had(size - 1, revoked.get().since());
    }

    /** Follows the segments; from the first of them on no more must be seen. */
    RevocationCheck segments() {
        return segments;
    }

    /** What is to be said of it. */
    Optional<String> statement() {
        return revocations.isEmpty()
                ? Optional.empty()
                : Optional.of("%d keys are revoked: what they signed counts as far as others have seen it before."
                        .formatted(revocations.all().size()));
    }
}
