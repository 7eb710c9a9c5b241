package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that was done to the evidence: the two records of a call as one, or one that stands alone.
 *
 * @param began when it began; when it was done, if it has one record
 * @param ended when it ended; empty if that is not on record, or it has one record
 * @param last the record that says most of it: that of its end, if there is one
 */
public record CustodyCall(Instant began, Optional<Instant> ended, CustodyRecord last) {
    /** What a single record says. */
    static CustodyCall of(CustodyRecord record) {
        return new CustodyCall(record.when(), Optional.empty(), record);
    }

    /** The same, with its end. */
    CustodyCall endedBy(CustodyRecord end) {
        return new CustodyCall(began, Optional.of(end.when()), end);
    }
}
