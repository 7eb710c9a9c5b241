package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TimestampVerdict;
import io.kiroku.evidence.time.TrustAnchors;
import io.kiroku.evidence.trust.KnownTimes;
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
    private final List<KnownTimes.Seen> dated = new ArrayList<>();
    private int unjudged;

    TimeWord(ZipReader zip, Optional<TrustAnchors> authorities, BundleFindings findings) {
        this.zip = zip;
        this.authorities = authorities;
        this.findings = findings;
    }

    /** Checks all tokens. */
    void check() throws IOException {
        for (BundleFile file : zip.files()) {
            if (file.name().startsWith(BundleNames.TIMESTAMPS) && file.name().endsWith(RESPONSE)) {
                try {
                    check(file);
                } catch (MalformedException unsound) {
                    findings.damaged(file.name(), String.valueOf(unsound.getMessage()));
                }
            }
        }
    }

    /** What those say who are trusted to date, in the order of the files. */
    List<KnownTimes.Seen> dated() {
        return dated;
    }

    /**
     * What is to be said of the tokens.
     *
     * @param lowest the first of the bundle's entries in the log, from 0
     * @param highest the last; below {@code lowest} if there are none
     */
    List<String> statements(long lowest, long highest) {
        List<String> statements = new ArrayList<>();
        for (KnownTimes.Seen one : dated) {
            statements.add("The tree of %d entries was there at %s, says %s%s."
                    .formatted(one.size(), one.at(), one.by(), covered(one.size(), lowest, highest)));
        }
        if (unjudged > 0) {
            statements.add(
                    "%d time stamps (RFC 3161) lie in timestamps/, and nobody was named who is trusted to date: --tsa-ca does,"
                                    .formatted(unjudged)
                            + " and so does openssl ts -verify, see README.txt.");
        }
        return statements;
    }

    private void check(BundleFile file) throws IOException, MalformedException {
        String named = file.name().substring(BundleNames.TIMESTAMPS.length()).split("-", 2)[0];
        byte[] note = zip.bytes(BundleNames.timestamp(named + ".checkpoint"), LogWord.MOST_PROOF);
        long size = Checkpoint.parse(SignedNote.parse(note).text()).size();
        if (!named.equals(Long.toString(size))) {
            throw new MalformedException(
                    "expected a time stamp on a tree of the size in its name, found one on a tree of %d entries"
                            .formatted(size));
        }
        TimestampToken token = TimestampToken.parseEither(zip.bytes(file.name(), TimestampToken.MOST_BYTES));
        if (authorities.isEmpty()) {
            if (!token.digest().of(note).equals(token.imprint())) {
                throw new MalformedException("it is a time stamp over something else than the checkpoint beside it");
            }
            unjudged++;
            return;
        }
        switch (token.verify(note, authorities.get())) {
            case TimestampVerdict.Holds holds -> dated.add(new KnownTimes.Seen(size, holds.time(), holds.tsa()));
            case TimestampVerdict.Fails(String sentence) -> throw new MalformedException(sentence);
        }
    }

    /** Which of the bundle's entries a tree of that size has. */
    private static String covered(long size, long lowest, long highest) {
        if (highest < lowest) {
            return "";
        }
        if (highest < size) {
            return ", with all of the bundle's entries";
        }
        return lowest < size
                ? ", with the bundle's entries below %d; it does not date the others".formatted(size)
                : "; it has none of the bundle's entries, and dates none";
    }
}
