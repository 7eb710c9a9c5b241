package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TimestampVerdict;
import io.kiroku.evidence.time.TrustAnchors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What timestamping authorities say of a bundle's checkpoints (RFC 3161). Where the recipient names whom he trusts, each
 * token has to be one of theirs; where he does not, it has to be one over the checkpoint beside it, by whomever.
 */
final class TimeWord {
    private static final String RESPONSE = ".tsr";

    private final ZipReader zip;
    private final Optional<TrustAnchors> authorities;
    private final BundleFindings findings;

    TimeWord(ZipReader zip, Optional<TrustAnchors> authorities, BundleFindings findings) {
        this.zip = zip;
        this.authorities = authorities;
        this.findings = findings;
    }

    /** Checks all tokens, and returns what is to be said of them. */
    List<String> check() throws IOException {
        List<String> statements = new ArrayList<>();
        int unjudged = 0;
        for (BundleFile file : zip.files()) {
            if (file.name().startsWith(BundleNames.TIMESTAMPS) && file.name().endsWith(RESPONSE)) {
                Optional<String> said = check(file);
                said.ifPresent(statements::add);
                unjudged += authorities.isEmpty() ? 1 : 0;
            }
        }
        if (unjudged > 0) {
            statements.add(
                    "%d time stamps (RFC 3161) lie in timestamps/, and nobody was named who is trusted to date: --tsa-ca does,"
                                    .formatted(unjudged)
                            + " and so does openssl ts -verify, see README.txt.");
        }
        return statements;
    }

    private Optional<String> check(BundleFile file) throws IOException {
        String size = file.name().substring(BundleNames.TIMESTAMPS.length()).split("-", 2)[0];
        try {
            byte[] note = zip.bytes(BundleNames.timestamp(size + ".checkpoint"), LogWord.MOST_PROOF);
            TimestampToken token = TimestampToken.parseEither(zip.bytes(file.name(), TimestampToken.MOST_BYTES));
            if (authorities.isEmpty()) {
                if (!token.digest().of(note).equals(token.imprint())) {
                    throw new MalformedException(
                            "it is a time stamp over something else than the checkpoint beside it");
                }
                return Optional.empty();
            }
            return switch (token.verify(note, authorities.get())) {
                case TimestampVerdict.Holds holds ->
                    Optional.of("The tree of %s entries was there at %s, says %s."
                            .formatted(size, holds.time(), holds.tsa()));
                case TimestampVerdict.Fails(String sentence) -> throw new MalformedException(sentence);
            };
        } catch (MalformedException unsound) {
            findings.damaged(file.name(), String.valueOf(unsound.getMessage()));
            return Optional.empty();
        }
    }
}
