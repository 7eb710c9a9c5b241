package io.kiroku.agent.seal;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments of the stream that never come: given up in the ring, or found to be missing at the collector and not held here
 * any more. They are stated in the next segment and, so that the newest extent of the ring always says all of them, in
 * every segment that restates, until a segment that states them has its receipt.
 *
 * <p>{@link #missing} may be called from any thread; all else belongs to the thread that seals.
 */
public final class Losses {
    private static final Logger LOG = LoggerFactory.getLogger(Losses.class);

    /** Bytes of a manifest that statements take, at most, however large the ring. Beyond it, files are counted, not named. */
    private static final int MOST_BYTES = 256 << 10;

    private record Missing(long first, long last, long acknowledged) {}

    private final WhenFull whenFull;
    private final Ring ring;
    private final int mostBytes;
    private final Queue<Missing> reported = new ConcurrentLinkedQueue<>();
    private final List<LostRun> runs = new ArrayList<>();
    private final List<Entry.Gap> carried = new ArrayList<>();
    private final Map<GapCause, Long> counts = new EnumMap<>(GapCause.class);
    private long uncarried;

    public Losses(WhenFull whenFull, Ring ring) {
        this.whenFull = whenFull;
        this.ring = ring;
        this.mostBytes = Math.min(MOST_BYTES, ring.mostRestated() / 8);
    }

    WhenFull whenFull() {
        return whenFull;
    }

    /** Losses since the start, by cause. */
    public Map<GapCause, Long> counts() {
        return Map.copyOf(counts);
    }

    /**
     * The collector has nothing of these segments, and neither has the ring.
     *
     * @param acknowledged the last segment that had a receipt
     */
    public void missing(long first, long last, long acknowledged) {
        reported.add(new Missing(first, last, acknowledged));
    }

    /** What a segment in the ring states already, so that it is not stated again as unknown. */
    public void restore(long sequence, Entry.SegmentGap stated) {
        for (LostRun run : runs) {
            if (run.isOf(stated)) {
                if (run.statedIn == sequence) {
                    run.add(stated);
                }
                return;
            }
        }
        LostRun run = new LostRun(stated.first(), stated.last(), stated.cause(), stated.wallNanos());
        run.add(stated);
        run.statedIn = sequence;
        runs.add(run);
    }

    /** Takes in what was {@linkplain #missing reported}, and forgets what is stated in a segment that has its receipt. */
    void update(long wallNanos) {
        long acknowledged = ring.standing().acknowledged();
        runs.removeIf(run -> run.statedIn != 0 && run.statedIn <= acknowledged);
        for (Missing missing = reported.poll(); missing != null; missing = reported.poll()) {
            // An agent that blocks overwrites nothing without a receipt, whether or not it remembers the receipt.
            long known = whenFull == WhenFull.BLOCK ? missing.last() : missing.acknowledged();
            lose(missing.first(), Math.min(missing.last(), known), GapCause.COLLECTOR_LOST, wallNanos);
            lose(Math.max(missing.first(), known + 1), missing.last(), GapCause.RING_OVERRUN, wallNanos);
        }
    }

    /** Of segments that no run has yet, nothing is known but that they are lost. */
    private void lose(long first, long last, GapCause cause, long wallNanos) {
        long next = first;
        for (LostRun run : List.copyOf(runs)) {
            if (run.last >= next && run.first <= last) {
                loseWithoutNames(next, run.first - 1, cause, wallNanos);
                next = run.last + 1;
            }
        }
        loseWithoutNames(next, last, cause, wallNanos);
    }

    private void loseWithoutNames(long first, long last, GapCause cause, long wallNanos) {
        if (first <= last) {
            LostRun run = new LostRun(first, last, cause, wallNanos);
            run.loseWithoutName(Entry.UNKNOWN);
            addInOrder(run);
            counts.merge(cause, 1L, Long::sum);
            LOG.warn("segments {} to {} are lost: {}", first, last, cause);
        }
    }

    private void addInOrder(LostRun run) {
        int at = runs.size();
        while (at > 0 && runs.get(at - 1).first > run.first) {
            at--;
        }
        runs.add(at, run);
    }

    /**
     * Gives up the oldest segments of the ring, whose places the next segment takes. What was in those without a receipt is
     * to be stated in it.
     */
    void giveUpOldest(long wallNanos) throws IOException {
        Ring.Range oldest = ring.oldest();
        long first = Math.max(oldest.first(), ring.standing().acknowledged() + 1);
        LostRun run = new LostRun(first, oldest.last(), GapCause.RING_OVERRUN, wallNanos);
        collect(oldest, first, run);
        if (ring.standing().acknowledged() >= oldest.last()) {
            // The receipt came while this was read, and the place may be cleared already.
            return;
        }
        counts.merge(GapCause.RING_OVERRUN, Math.max(1, run.names()), Long::sum);
        LOG.warn("the ring is full: segments {} to {} are given up for newer ones", first, oldest.last());
        LostRun before = runs.isEmpty() ? null : runs.getLast();
        if (before != null && before.last + 1 == first && before.cause == GapCause.RING_OVERRUN) {
            before.goOn(run);
        } else {
            runs.add(run);
        }
        int room = mostBytes;
        for (LostRun stated : runs.reversed()) {
            stated.shrinkTo(room);
            room -= stated.length();
        }
        ring.giveUpOldest();
    }

    private void collect(Ring.Range oldest, long first, LostRun run) throws IOException {
        FileTable files = new FileTable();
        RingCursor cursor = ring.cursorAt(oldest.first());
        try {
            for (ByteBuffer bytes = cursor.read(); bytes != null; bytes = cursor.read()) {
                Segment segment = Segment.of(bytes);
                List<Entry> entries = segment.entries();
                if (segment.header().sequence() >= first) {
                    collect(entries, files, run);
                }
                files.apply(entries, segment.header().restates());
                if (segment.header().sequence() == oldest.last()) {
                    return;
                }
            }
        } catch (IOException | MalformedException damaged) {
            LOG.error("what is given up cannot be read: {}", damaged.getMessage());
        }
        run.loseWithoutName(Entry.UNKNOWN);
    }

    private void collect(List<Entry> entries, FileTable files, LostRun run) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Gap gap when gap.file() == Entry.NO_FILE -> carry(gap);
                case Entry.Epoch epoch
                when epoch.reason() == Entry.EpochReason.RING_LOST ->
                    // Which files it cut off, only the collector knows.
                    run.loseWithoutName(Entry.UNKNOWN);
                default -> run.take(entry, files);
            }
        }
    }

    private void carry(Entry.Gap gap) {
        if (carried.size() < mostBytes / LostRun.MOST_GAP) {
            carried.add(gap);
        } else {
            uncarried++;
        }
    }

    /** Whether something is to be stated in the next segment, whichever that is. */
    boolean areDue() {
        return !carried.isEmpty() || uncarried > 0 || runs.stream().anyMatch(run -> run.statedIn == 0);
    }

    /** Bytes that {@link #statements} take in a manifest, at most. */
    int mostLength() {
        int length = carried.isEmpty() && uncarried == 0 ? 0 : (carried.size() + 1) * LostRun.MOST_GAP;
        for (LostRun run : runs) {
            length += run.length();
        }
        return length;
    }

    List<Entry> statements(long wallNanos) {
        List<Entry> statements = new ArrayList<>(carried);
        if (uncarried > 0) {
            statements.add(new Entry.Gap(
                    Entry.NO_FILE,
                    0,
                    Entry.UNKNOWN,
                    GapCause.RING_OVERRUN,
                    wallNanos,
                    "%d more such losses were recorded in segments that were given up".formatted(uncarried)));
        }
        runs.forEach(run -> statements.addAll(run.statements()));
        return statements;
    }

    /** The segment that holds the {@link #statements} is in the ring. */
    void stated(long sequence) {
        carried.clear();
        uncarried = 0;
        for (LostRun run : runs) {
            run.statedIn = run.statedIn == 0 ? sequence : run.statedIn;
        }
    }
}
