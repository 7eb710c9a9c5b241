package io.kiroku.collector.audit;

import io.kiroku.collector.own.OwnLines;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Puts on record what API servers post. Used by any thread. */
public final class AuditIntake {
    private final OwnLines record;
    private final LongAdder events = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unkept = new LongAdder();

    /** @param record where to; not touched before there is something to be put there */
    public AuditIntake(OwnLines record) {
        this.record = record;
    }

    /**
     * Counts.
     *
     * @param events that were put on record
     * @param cut how many of them were too long to be kept whole
     * @param refused bodies that were no EventList
     * @param unkept bodies that could not be kept, or not all of them
     */
    public record Counts(long events, long cut, long refused, long unkept) {}

    public Counts counts() {
        return new Counts(events.sum(), cut.sum(), refused.sum(), unkept.sum());
    }

    /**
     * Puts the events of a body on record. When this returns, all of them are.
     *
     * @return how many there were
     * @throws MalformedException if it is no EventList: none is on record
     * @throws IOException if they cannot be kept: some may be. Whoever posts them again has these twice, which reading makes good
     */
    int take(byte[] body) throws IOException, MalformedException {
        EventList.Lines lines;
        try {
            lines = EventList.split(body);
        } catch (MalformedException malformed) {
            refused.increment();
            throw malformed;
        }
        try {
            keep(lines.lines());
        } catch (IOException failure) {
            unkept.increment();
            throw failure;
        }
        events.add(lines.lines().size());
        cut.add(lines.cut());
        return lines.lines().size();
    }

    private void keep(List<byte[]> lines) throws IOException {
        List<byte[]> batch = new ArrayList<>();
        int bytes = 0;
        for (byte[] line : lines) {
            if (bytes + line.length + 1 > OwnLines.MOST_AT_ONCE) {
                record.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(line);
            bytes += line.length + 1;
        }
        if (!batch.isEmpty()) {
            record.add(batch);
        }
    }
}
