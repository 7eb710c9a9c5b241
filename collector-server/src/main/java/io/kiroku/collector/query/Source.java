package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A source as the store knows it.
 *
 * @param node the node's name as its agent last gave it; empty if the store does not hold the segment that says so
 * @param stream the id of the stream it was captured in, 16 bytes
 * @param path the live name
 * @param pod the container instance that the path names; null for any other file
 * @param bytes captured
 * @param files how many files it was, one after the other: rotations and one
 * @param gaps what was lost of it
 * @param first when the first segment with something of it was sealed, on the node's clock
 * @param last when the last segment with something of it was sealed, on the node's clock
 * @param clock what the stream says of that clock
 */
public record Source(
        String node,
        Octets stream,
        FilePath path,
        @Nullable PodLogPath pod,
        long bytes,
        int files,
        Gaps gaps,
        Instant first,
        Instant last,
        State state,
        NodeClock.Standing clock) {
    /**
     * What was lost of a source.
     *
     * @param count number of gaps
     * @param bytes what the gaps of known length cover
     * @param unknown number of gaps whose length nobody knows
     */
    public record Gaps(long count, long bytes, long unknown) {}

    /** Whether more may come. */
    public enum State {
        /** A file of it is being followed. */
        FOLLOWING,
        /** A file of it was being followed when the stream fell silent: its agent is down or cut off. */
        STALE,
        /** A file of it was being followed when the node began another stream. */
        CUT_OFF,
        /** Its last file was read to the end. */
        ENDED,
        /** What its last file held beyond a point is lost. */
        LOST
    }
}
