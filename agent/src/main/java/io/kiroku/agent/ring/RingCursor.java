package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.RecordFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A place in a ring from which segments are read in their order. For use by one thread. */
public final class RingCursor {
    private final Ring ring;
    private final RingScan scan;
    private Ring.Place place;

    RingCursor(Ring ring, RingScan scan, Ring.Place place) {
        this.ring = ring;
        this.scan = scan;
        this.place = place;
    }

    /** The sequence of the segment that {@link #read} would return, if it is not given up before. */
    public long next() {
        return place.sequence();
    }

    /**
     * The next segment that was not given up, valid until the next call; null while it is not durable yet.
     *
     * @throws IOException if it cannot be read as it was written
     */
    public @Nullable ByteBuffer read() throws IOException {
        for (Ring.Place found = ring.find(place); found != null; found = ring.find(place)) {
            place = found;
            long next = place.sequence();
            RecordFrame.Head record = scan.headAt(place.at());
            ByteBuffer body = record == null || record.number() != next ? null : scan.bodyAt(place.at(), record);
            boolean whole = record != null && body != null && record.matches(body);
            if (ring.isGivenUp(next)) {
                // It may have been overwritten while it was read.
                continue;
            }
            if (record == null || body == null) {
                throw new IOException("expected segment %d in the ring at offset %d, found damaged bytes"
                        .formatted(next, place.at()));
            }
            if (!whole) {
                throw new IOException(
                        "segment %d in the ring at offset %d does not match its checksum".formatted(next, place.at()));
            }
            place = new Ring.Place(place.extent(), place.at() + record.totalLength(), next + 1);
            return body;
        }
        return null;
    }
}
