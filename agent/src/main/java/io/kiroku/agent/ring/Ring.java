package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The fixed-size buffer of sealed segments on disk. One thread appends, one makes durable, one reads and acknowledges.
 *
 * <p>Invariants: acknowledged &lt;= durable &lt;= newest; an extent is overwritten only when every segment in it is
 * acknowledged, or was {@linkplain #giveUpOldest given up}; a segment is offered for reading only once it is durable, so
 * nobody ever holds a segment that a crash can take from here. The first segment of every extent restates, so that reading
 * can resume from the newest extent.
 */
public final class Ring implements AutoCloseable {
    /** What is in the ring at a moment. */
    public record Standing(long oldest, long newest, long durable, long acknowledged, long usedBytes, long size) {}

    /** Segments {@code first} to {@code last}. */
    public record Range(long first, long last) {}

    private final StorageFile file;
    private final RingLayout layout;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(RecordFrame.LENGTH);
    private final List<String> damage;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition appended = lock.newCondition();
    private final Extents extents;
    private long newest;
    private long durable;
    private long acknowledged;
    private long givenUp;
    private boolean syncEnded;
    private boolean awaitsCollector;

    private Ring(RingFile ring, RingScan.Found found) {
        this.file = ring.file();
        this.layout = ring.layout();
        this.extents = new Extents(layout, found);
        this.damage = found.damage().stream().map(RingScan.Damage::sentence).toList();
        RingScan.Extent last = found.newest();
        this.newest = last == null ? 0 : last.last();
        this.durable = newest;
        this.awaitsCollector = newest == 0 && layout.continues();
    }

    /** Makes an empty ring in a file of {@link RingLayout#fileLength} bytes that were reserved before. */
    public static Ring create(StorageFile file, RingLayout layout) throws IOException {
        return new Ring(RingFile.create(file, layout), RingScan.Found.NOTHING);
    }

    /**
     * Opens a ring and finds the segments that it holds.
     *
     * @throws MalformedException if the file is no ring of this version, or its last segments are damaged: to go on before
     *     them would be a fork
     */
    public static Ring open(StorageFile file) throws IOException, MalformedException {
        RingFile ring = RingFile.open(file);
        return new Ring(ring, ring.recover());
    }

    public Octets stream() {
        return layout.stream();
    }

    public String node() {
        return layout.node();
    }

    /** Whether it is empty in place of a ring that is gone, and only the collector knows where the stream ends. */
    public boolean awaitsCollector() {
        lock.lock();
        try {
            return awaitsCollector;
        } finally {
            lock.unlock();
        }
    }

    /** The collector has said that the stream ends with that segment, 0 if it has nothing: the next one is the ring's first. */
    public void continueBehind(long sequence) {
        lock.lock();
        try {
            if (!awaitsCollector) {
                throw new IllegalStateException("a ring that holds its stream is not continued from elsewhere");
            }
            awaitsCollector = false;
            newest = sequence;
            durable = sequence;
            acknowledged = sequence;
        } finally {
            lock.unlock();
        }
    }

    /** What was found damaged when the ring was opened, a sentence each. */
    public List<String> damage() {
        return damage;
    }

    /** A segment must not hold more bytes of log than this, or it might not fit into an extent. */
    public int mostLog() {
        return Math.min(SegmentWriter.RAW_CAPACITY, layout.extentLength() / 4);
    }

    /** A manifest that restates must not be longer than this, in bytes, or segments would not fit into extents. */
    public int mostRestated() {
        return layout.extentLength() / 4;
    }

    /** Whether a segment of that length must be the first of an extent, and so has to restate. */
    public boolean beginsExtent(int segmentLength) {
        lock.lock();
        try {
            return !extents.fits(segmentLength);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a segment of that length can be appended now without overwriting one that is not acknowledged. */
    public boolean hasRoom(int segmentLength) {
        checkFitsAnExtent(segmentLength);
        lock.lock();
        try {
            return extents.fits(segmentLength) || extents.last(extents.next()) <= acknowledged;
        } finally {
            lock.unlock();
        }
    }

    /** Appends a segment that there is room for. It is durable after the next {@link #sync} that returns. */
    public void append(ByteBuffer segment, long sequence) throws IOException {
        int segmentLength = segment.remaining();
        checkFitsAnExtent(segmentLength);
        if (mustSyncBefore(segmentLength)) {
            sync();
        }
        long at;
        long durableNow;
        lock.lock();
        try {
            if (newest != 0 && sequence != newest + 1) {
                throw new IllegalStateException("segment " + sequence + " does not follow " + newest);
            }
            if (newest == 0) {
                durable = sequence - 1;
            }
            if (!extents.fits(segmentLength)) {
                extents.enterNext();
            }
            at = extents.writeAt();
            durableNow = durable;
        } finally {
            lock.unlock();
        }
        frame.clear();
        RecordFrame.write(frame, segment, sequence, durableNow, layout.salt());
        file.write(segment, at + RecordFrame.LENGTH);
        file.write(frame.flip(), at);
        lock.lock();
        try {
            extents.appended(sequence, segmentLength);
            newest = sequence;
            appended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void checkFitsAnExtent(int segmentLength) {
        if (RecordFrame.LENGTH + segmentLength > layout.extentLength()) {
            throw new IllegalStateException(
                    "a segment of %d bytes cannot be in extents of %d".formatted(segmentLength, layout.extentLength()));
        }
    }

    /**
     * Whether the next extent must be entered and cannot be yet: it is not cleared, or a crash could tear more than two
     * extents then. A scan after the crash could not tell what it tore from what was damaged.
     */
    private boolean mustSyncBefore(int segmentLength) {
        lock.lock();
        try {
            return !extents.fits(segmentLength)
                    && (!extents.isNextCleared() || durable < extents.first(extents.current()) - 1);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is something to make durable, and makes it. Called in a loop by one thread.
     *
     * @return the newest durable segment, or -1 after {@link #endSync}
     */
    public long syncNext() throws IOException, InterruptedException {
        lock.lock();
        try {
            while (durable == newest && !syncEnded) {
                appended.await();
            }
            if (syncEnded) {
                return -1;
            }
        } finally {
            lock.unlock();
        }
        return sync();
    }

    /** Makes everything appended so far durable, and clears the next extent. Returns the newest durable segment. */
    public long sync() throws IOException {
        long target = standing().newest();
        int clearing = clearNext();
        file.sync();
        lock.lock();
        try {
            durable = Math.max(durable, target);
            extents.cleared(clearing);
            return durable;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes the next extent's old records unreadable, once they are acknowledged: a crash while they are overwritten must
     * not leave a mixture of both. Returns the extent if that was done now, to be durable after a sync.
     */
    private int clearNext() throws IOException {
        lock.lock();
        try {
            int next = extents.next();
            if (extents.isNextCleared() || extents.last(next) > acknowledged) {
                return Extents.NONE;
            }
            extents.forget(next);
            // Under the lock: later it might hit the first new record there.
            file.write(ByteBuffer.allocate(RecordFrame.LENGTH), layout.startOf(next));
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** The collector has this segment and all before it on stable storage. */
    public void acknowledge(long sequence) {
        lock.lock();
        try {
            if (sequence > durable) {
                throw new IllegalStateException(
                        "segment " + sequence + " was acknowledged, but only " + durable + " are durable");
            }
            acknowledged = Math.max(acknowledged, sequence);
        } finally {
            lock.unlock();
        }
        for (int extent = takeEvictable(); extent != Extents.NONE; extent = takeEvictable()) {
            file.evict(layout.startOf(extent), layout.startOf(extent) + layout.extentLength());
        }
    }

    private int takeEvictable() {
        lock.lock();
        try {
            return extents.takeEvictable(acknowledged);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The collector's copy of the stream ends with that segment. If it once had more, it has lost that: what is in the ring
     * behind that segment is kept until there are receipts for it again.
     *
     * @return what is in the ring, so that nothing of it that the collector lacks is acknowledged
     */
    public Standing collectorEndsAt(long sequence) {
        lock.lock();
        try {
            if (sequence > durable) {
                throw new IllegalStateException(
                        "the collector cannot end at segment " + sequence + ": only " + durable + " are durable");
            }
            acknowledged = sequence;
            return standing();
        } finally {
            lock.unlock();
        }
    }

    /** The segments of the oldest extent: those that the next one that does not fit the newest extent overwrites. */
    public Range oldest() {
        lock.lock();
        try {
            int next = extents.next();
            return new Range(extents.first(next), extents.last(next));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives up the oldest extent, acknowledged or not: the next segment that does not fit the newest extent overwrites it,
     * and has to declare it lost. Cursors that stand in it go on behind it.
     */
    public void giveUpOldest() {
        lock.lock();
        try {
            int next = extents.next();
            givenUp = Math.max(givenUp, extents.last(next));
            extents.forget(next);
        } finally {
            lock.unlock();
        }
    }

    /** Numbers only; consistent among themselves. */
    public Standing standing() {
        lock.lock();
        try {
            return new Standing(
                    extents.oldest(), newest, durable, acknowledged, extents.usedBytes(), layout.fileLength());
        } finally {
            lock.unlock();
        }
    }

    /** Where a segment is to be found: in that extent, at that offset in the file. */
    record Place(int extent, long at, long sequence) {}

    /** Where reading goes on that has come to a place: there, or behind what was given up. Null while it is not durable. */
    @Nullable
    Place find(Place place) throws IOException {
        lock.lock();
        try {
            long sequence = Math.max(place.sequence(), givenUp + 1);
            if (sequence > durable) {
                return null;
            }
            if (sequence <= extents.last(place.extent()) && place.sequence() >= extents.first(place.extent())) {
                return place;
            }
            int extent = extents.holding(sequence);
            return new Place(extent, layout.startOf(extent), sequence);
        } finally {
            lock.unlock();
        }
    }

    /** Whether that segment was given up, so that it may be overwritten by now. */
    boolean isGivenUp(long sequence) {
        lock.lock();
        try {
            return sequence <= givenUp;
        } finally {
            lock.unlock();
        }
    }

    /** A cursor that stands before that segment, which must be in the ring or be the next one to come. */
    public RingCursor cursorAt(long sequence) throws IOException {
        RingScan scan = new RingScan(file, layout);
        int extent;
        long first;
        lock.lock();
        try {
            if (sequence == newest + 1) {
                return new RingCursor(this, scan, new Place(extents.current(), extents.writeAt(), sequence));
            }
            extent = extents.holding(sequence);
            first = extents.first(extent);
        } finally {
            lock.unlock();
        }
        return new RingCursor(this, scan, new Place(extent, scan.offsetOf(sequence, extent, first), sequence));
    }

    /** The first segment of the newest extent: it restates; 0 if the ring is empty. */
    public long newestRestating() {
        lock.lock();
        try {
            return extents.first(extents.current());
        } finally {
            lock.unlock();
        }
    }

    /** Lets the thread that waits in {@link #syncNext} go. */
    public void endSync() {
        lock.lock();
        try {
            syncEnded = true;
            appended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
