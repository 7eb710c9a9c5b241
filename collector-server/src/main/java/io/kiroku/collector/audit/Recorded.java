package io.kiroku.collector.audit;

import java.util.List;

/**
 * One stage of one request, once, from wherever it is on record.
 *
 * @param json the line of the source that was read first
 * @param seen where it is on record, one entry for each source, at most {@link #MOST_SEEN}
 * @param isDisputed whether another source says something else of the same stage of the same request
 */
public record Recorded(AuditEvent event, String json, List<Seen> seen, boolean isDisputed) {
    /** More sources are not named. */
    static final int MOST_SEEN = 16;

    /** Copies the list. */
    public Recorded {
        seen = List.copyOf(seen);
    }
}
