package io.kiroku.collector.ingest;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.List;
import java.util.Optional;

/** Notices on one connection that the agent's clock is off. */
final class ClockWatch {
    /** So far, in nanoseconds, clocks may differ without a word. */
    static final long BOUND = 1_000_000_000L;

    private boolean hasRemarked;

    /**
     * Whether a segment comes from the future. That one comes late says nothing: it may have waited in the ring.
     *
     * @param wallNanos now, on the collector's clock
     */
    static boolean isAhead(SegmentHeader header, long wallNanos) {
        return header.sealed().wallNanos() - BOUND > wallNanos;
    }

    /** What is to be said of a sound segment: once, by the agent's own measurement if there is one in it. */
    Optional<String> remark(SegmentHeader header, List<Entry> entries, long wallNanos) {
        if (hasRemarked) {
            return Optional.empty();
        }
        Optional<String> remark = Optional.empty();
        if (isAhead(header, wallNanos)) {
            double seconds = ((double) header.sealed().wallNanos() - wallNanos) / 1e9;
            remark = Optional.of(
                    "sends segments from the future: segment %d was sealed, by its clock, %.1f s after it came"
                            .formatted(header.sequence(), seconds));
        }
        for (Entry entry : entries) {
            if (entry instanceof Entry.Clock clock && clock.isOffBy(BOUND)) {
                remark = Optional.of("says that its clock is " + clock.inWords());
            }
        }
        hasRemarked = remark.isPresent();
        return remark;
    }
}
