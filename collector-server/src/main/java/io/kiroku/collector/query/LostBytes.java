package io.kiroku.collector.query;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A loss, as {@code kiroku gaps} lists it.
 *
 * @param noticed when, on the node's clock
 * @param node the node's name as its agent last gave it; empty if the store does not hold the segment that says so
 * @param stream the id of the stream that declares it, 16 bytes
 * @param segment the sequence of the segment that declares it
 * @param path the source; null if it is not known which, or the loss is of several
 * @param from the first byte in the file
 * @param to behind the last, or {@link Entry#UNKNOWN}
 * @param cause one of {@link Entry.GapCause}, or {@link #ANOTHER_STREAM}
 * @param why one sentence; may be empty
 */
public record LostBytes(
        Instant noticed,
        String node,
        Octets stream,
        long segment,
        @Nullable FilePath path,
        long from,
        long to,
        String cause,
        String why) {
    /** The cause of a loss that no segment declares: the node began another stream, and this one has no end. */
    public static final String ANOTHER_STREAM = "ANOTHER_STREAM";

    /** Number of bytes, or {@link Entry#UNKNOWN}. */
    public long length() {
        return to == Entry.UNKNOWN ? Entry.UNKNOWN : to - from;
    }
}
