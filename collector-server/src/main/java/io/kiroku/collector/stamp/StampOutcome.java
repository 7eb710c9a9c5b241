package io.kiroku.collector.stamp;

import io.kiroku.evidence.record.Octets;
import java.time.Instant;

/** What came of asking an authority. */
public sealed interface StampOutcome {
    /**
     * A response that answers the request.
     *
     * @param response the bytes as they came
     * @param time that the authority stated
     */
    record Stamped(Octets response, Instant time) implements StampOutcome {}

    /**
     * No timestamp; it may come the next time.
     *
     * @param sentence why
     */
    record Failed(String sentence) implements StampOutcome {}
}
