package io.kiroku.evidence.verify;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a verification: two verdicts that are independent of each other.
 *
 * @param integrity nothing that is here was changed, moved or forged
 * @param completeness nothing is missing, or exactly the declared gaps are
 * @param counts what was looked at
 * @param gaps the first of the declared losses; they do not speak against completeness, they are what it states
 * @param clocks what the streams say of their nodes' clocks, each stream that says anything, the first
 *     {@link Verifier#MOST_KEPT}; no verdict depends on them
 */
public record Report(
        Verdict integrity, Verdict completeness, Counts counts, List<DeclaredGap> gaps, List<StreamClock> clocks) {
    /** What one stream says of its node's clock. */
    public record StreamClock(Octets stream, NodeClock.Standing standing) {}

    /**
     * What was looked at.
     *
     * @param streams number of streams
     * @param epochs number of epochs among them
     * @param segments number of segments that were read whole
     * @param storedBytes their length as stored
     * @param rawBytes the log bytes in them
     * @param files number of files declared
     * @param gaps number of declared gaps
     * @param gapBytes bytes that the gaps of known length cover
     * @param unknownGaps number of gaps whose length is not known
     */
    public record Counts(
            long streams,
            long epochs,
            long segments,
            long storedBytes,
            long rawBytes,
            long files,
            long gaps,
            long gapBytes,
            long unknownGaps) {}

    /** A gap with the source it belongs to, null if the gap names no file. */
    public record DeclaredGap(
            Octets stream, long sequence, @Nullable FilePath source, Entry.Gap gap) {}

    public boolean holds() {
        return integrity.holds() && completeness.holds();
    }
}
