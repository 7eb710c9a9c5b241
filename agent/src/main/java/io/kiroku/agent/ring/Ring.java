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
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The fixed-size buffer of sealed segments on disk. One thread appends, one makes durable, one reads and acknowledges.
 *
 * <p>Invariants: acknowledged &lt;= durable &lt;= newest; an extent is overwritten only when every segment in it is
 * acknowledged, or was {@linkplain #giveUpOldest given up}; a segment is offered for reading only once it is durable, so nobody ever holds a segment that a crash
 * can take from here. The first segment of every extent restates, so that reading can resume from the newest extent.
 */
public final class Ring implements AutoCloseable {
    /** What is in the ring at a moment. */
    public record Standing(long oldest, long newest, long durable, long acknowledged, long usedBytes, long size) {}

    /** Segments {@code first} to {@code last}. */
    public record Range(long first, long last) {}

    private static final int NONE = -1;

    private final StorageFile file;
    private final RingLayout layout;
    private final Extents extents;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(RecordFrame.LENGTH);
    private final List<String> damage;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition appended = lock.newCondition();
    private int current;
    private int cleared = NONE;
    private long writeAt;
    private long newest;
    private long durable;
    private long acknowledged;
    private long givenUp;
    private boolean syncEnded;
    private boolean awaitsCollector;

    private Ring(StorageFile file, RingLayout layout, RingScan.Found found) {
        this.file = file;
        this.layout = layout;
        this.extents = new Extents(layout.extents(), found.extents());
        this.damage = found.damage().stream().map(RingScan.Damage::sentence).toList();
        RingScan.Extent last = found.newest();
        this.current = last == null ? layout.extents() - 1 : last.index();
        this.writeAt = last == null ? layout.startOf(layout.extents() - 1) + layout.extentLength() : last.end();
        this.newest = last == null ? 0 : last.last();
        this.durable = newest;
        this.awaitsCollector = newest == 0 && layout.continues();
    }

    /** The length of the file for a ring of about {@code size} bytes. */
    public static long fileLength(long size) {
        return RingLayout.of(Octets.zero(16), "", size, false, 0).fileLength();
    }

    /** Makes an empty ring in a file of {@link #fileLength} bytes that were reserved before. */
    public static Ring create(StorageFile file, Octets stream, String node, long size, RandomGenerator random)
            throws IOException {
        return create(file, RingLayout.of(stream, node, size, false, random.nextInt()));
    }

    /** The same for a ring that is gone, and whose stream goes on: it {@linkplain #awaitsCollector waits} for the collector. */
    public static Ring replace(StorageFile file, Octets stream, String node, long size, RandomGenerator random)
            throws IOException {
        return create(file, RingLayout.of(stream, node, size, true, random.nextInt()));
    }

    /**
     * Makes an empty ring in a file that is long enough for so many extents and a page.
     *
     * @param extentLength bytes, at least 64 KiB
     * @param extents at least 4
     */
    public static Ring create(
            StorageFile file, Octets stream, String node, int extentLength, int extents, RandomGenerator random)
            throws IOException {
        return create(file, new RingLayout(stream, node, extentLength, extents, false, random.nextInt()));
    }

    /** The same for a ring that is gone, and whose stream goes on. */
    public static Ring replace(
            StorageFile file, Octets stream, String node, int extentLength, int extents, RandomGenerator random)
            throws IOException {
        return create(file, new RingLayout(stream, node, extentLength, extents, true, random.nextInt()));
    }

    private static Ring create(StorageFile file, RingLayout layout) throws IOException {
        file.write(layout.encode(), 0);
        file.sync();
        return new Ring(file, layout, new RingScan.Found(List.of(), List.of(), List.of(), false, 0, List.of()));
    }

    /**
     * Opens a ring and finds the segments that it holds.
     *
     * @throws MalformedException if the file is no ring of this version, or its last segments are damaged: to go on before
     *     them would be a fork
     */
    public static Ring open(StorageFile file) throws IOException, MalformedException {
        RingLayout layout = layoutOf(file);
        RingScan.Found found = new RingScan(file, layout).scan();
        if (found.endIsDamaged()) {
            throw new MalformedException(found.damage().getLast().sentence()
                    + "; the stream cannot go on from here: move the ring away, and it goes on behind what the"
                    + " collector has");
        }
        for (long at : found.torn()) {
            file.write(ByteBuffer.allocate(RecordFrame.LENGTH), at);
        }
        for (RingScan.Extent extent : found.extents()) {
            if (extent.last() > found.stated()) {
                writeAgain(file, layout.startOf(extent.index()), extent.end());
            }
        }
        file.sync();
        return new Ring(file, layout, found);
    }

    /**
     * Makes sure that a sync brings to the disk what is read here. If a sync failed before, the kernel has it in memory and
     * takes it for clean, so that the next sync would succeed without it (fsync(2); PostgreSQL's "fsyncgate").
     */
    private static void writeAgain(StorageFile file, long from, long to) throws IOException {
        ByteBuffer slice = ByteBuffer.allocateDirect((int) Math.min(1 << 20, to - from));
        for (long at = from; at < to; at += slice.limit()) {
            slice.clear().limit((int) Math.min(slice.capacity(), to - at));
            file.read(slice, at);
            file.write(slice.flip(), at);
        }
    }

    static RingLayout layoutOf(StorageFile file) throws IOException, MalformedException {
        ByteBuffer page = ByteBuffer.allocate(RingLayout.PAGE);
        file.read(page, 0);
        RingLayout layout = RingLayout.decode(page.flip());
        if (file.size() < layout.fileLength()) {
            throw new MalformedException(
                    "expected a ring file of %d bytes, found %d".formatted(layout.fileLength(), file.size()));
        }
        return layout;
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
            return !fitsCurrent(segmentLength);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a segment of that length can be appended now without overwriting one that is not acknowledged. */
    public boolean hasRoom(int segmentLength) {
        if (RecordFrame.LENGTH + segmentLength > layout.extentLength()) {
            throw new IllegalStateException(
                    "a segment of %d bytes cannot be in extents of %d".formatted(segmentLength, layout.extentLength()));
        }
        lock.lock();
        try {
            return fitsCurrent(segmentLength) || extents.last(nextExtent()) <= acknowledged;
        } finally {
            lock.unlock();
        }
    }

    /** Appends a segment that there is room for. It is durable after the next {@link #sync} that returns. */
    public void append(ByteBuffer segment, long sequence) throws IOException {
        checkFitsAnExtent(segment.remaining());
        if (mustSyncBefore(segment.remaining())) {
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
            if (!fitsCurrent(segment.remaining())) {
                enterNextExtent();
            }
            at = writeAt;
            durableNow = durable;
        } finally {
            lock.unlock();
        }
        int length = segment.remaining();
        frame.clear();
        RecordFrame.write(frame, segment, sequence, durableNow, layout.salt());
        file.write(segment, at + RecordFrame.LENGTH);
        file.write(frame.flip(), at);
        lock.lock();
        try {
            extents.append(current, sequence);
            newest = sequence;
            writeAt = at + RecordFrame.LENGTH + length;
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
            return !fitsCurrent(segmentLength) && (cleared != nextExtent() || durable < extents.first(current) - 1);
        } finally {
            lock.unlock();
        }
    }

    private boolean fitsCurrent(int segmentLength) {
        return writeAt + RecordFrame.LENGTH + segmentLength <= layout.startOf(current) + layout.extentLength();
    }

    private void enterNextExtent() {
        int next = nextExtent();
        if (cleared != next) {
            throw new IllegalStateException("extent " + next + " holds segments that are not acknowledged");
        }
        current = next;
        writeAt = layout.startOf(next);
        cleared = NONE;
    }

    private int nextExtent() {
        return (current + 1) % layout.extents();
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
            if (clearing != NONE && clearing == nextExtent()) {
                cleared = clearing;
            }
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
            int next = nextExtent();
            if (cleared == next || extents.last(next) > acknowledged) {
                return NONE;
            }
            extents.clear(next);
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
            return new Range(extents.first(nextExtent()), extents.last(nextExtent()));
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
            int next = nextExtent();
            givenUp = Math.max(givenUp, extents.last(next));
            extents.clear(next);
        } finally {
            lock.unlock();
        }
    }

    /** Numbers only; consistent among themselves. */
    public Standing standing() {
        lock.lock();
        try {
            int used = extents.used();
            long unwritten = used == 0 ? 0 : layout.startOf(current) + layout.extentLength() - writeAt;
            long usedBytes = Math.max(0, (long) used * layout.extentLength() - unwritten);
            return new Standing(extents.oldest(), newest, durable, acknowledged, usedBytes, layout.fileLength());
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
        int extent;
        long first;
        lock.lock();
        try {
            if (sequence == newest + 1) {
                return new RingCursor(this, new RingScan(file, layout), new Place(current, writeAt, sequence));
            }
            extent = extents.holding(sequence);
            first = extents.first(extent);
        } finally {
            lock.unlock();
        }
        RingScan scan = new RingScan(file, layout);
        long at = layout.startOf(extent);
        for (long number = first; number < sequence; number++) {
            RecordFrame.Head record = scan.headAt(at);
            if (record == null) {
                throw new IOException(
                        "expected segment %d in the ring at offset %d, found damaged bytes".formatted(number, at));
            }
            at += record.totalLength();
        }
        return new RingCursor(this, scan, new Place(extent, at, sequence));
    }

    /** The first segment of the newest extent: it restates; 0 if the ring is empty. */
    public long newestRestating() {
        lock.lock();
        try {
            return extents.first(current);
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
