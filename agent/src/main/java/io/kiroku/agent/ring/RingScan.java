package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records of a ring, also after a crash. The first record of each extent tells the extents' order; within an
 * extent the numbers count on without a hole, which tells this lap's records from what an earlier lap left behind them.
 *
 * <p>What may be torn lies in the last two extents that were written to, and an extent's old records are unreadable before
 * new ones are written over them: {@link Ring} sees to both. So a record that is missing or not whole was torn by a crash
 * only if no other says that it was durable; else it is damage.
 */
final class RingScan {
    /**
     * An extent in use.
     *
     * @param index which one
     * @param first number of its first record
     * @param last number of its last record
     * @param end offset in the file behind its last record
     */
    record Extent(int index, long first, long last, long end) {}

    /** Bytes that were records once and cannot be read as such, although no crash explains it. */
    record Damage(long offset, long length, String sentence) {}

    /**
     * The records of a ring.
     *
     * @param before extents from which damage cuts off the rest, in the order of their numbers
     * @param extents the others in the order of their numbers, without a hole between one and the next
     * @param damage what lies in the way
     * @param endIsDamaged whether the damage took the end: the ring went on behind the last extent
     * @param stated all segments up to this number were on stable storage, as one of them says
     * @param torn offsets of whole records that a crash left behind the first torn one. They do not count, and must be
     *     made unreadable before records are written again in front of them
     */
    record Found(
            List<Extent> before,
            List<Extent> extents,
            List<Damage> damage,
            boolean endIsDamaged,
            long stated,
            List<Long> torn) {
        /** An empty ring's. */
        static final Found NOTHING = new Found(List.of(), List.of(), List.of(), false, 0, List.of());

        @Nullable
        Extent newest() {
            return extents.isEmpty() ? null : extents.getLast();
        }
    }

    /** Bytes looked at together in a search for frames. */
    private static final int WINDOW = 1 << 20;

    /** How often a ring that changes meanwhile is scanned again. */
    private static final int MOST_SCANS = 100;

    private final StorageFile file;
    private final RingLayout layout;
    private final ByteBuffer head = ByteBuffer.allocateDirect(RecordFrame.LENGTH);
    private ByteBuffer body;

    /** All records up to this number were durable at some time: the highest that any record states. */
    private long stated;

    RingScan(StorageFile file, RingLayout layout) {
        this.file = file;
        this.layout = layout;
        this.body = ByteBuffer.allocateDirect(Math.min(1 << 20, layout.extentLength() / 4));
    }

    /** As {@link #scan()}, while an agent may be writing: what looks like damage because of that is gone the next time. */
    Found scanWhileWritten() throws IOException {
        Found found = scan();
        for (int i = 0; i < MOST_SCANS && !found.damage().isEmpty(); i++) {
            Found again = scan();
            if (again.damage().equals(found.damage())) {
                break;
            }
            found = again;
        }
        return found;
    }

    Found scan() throws IOException {
        stated = 0;
        List<Extent> whole = cutTorn(counted(walkAll()));
        List<Damage> damage = new ArrayList<>();
        int start = startOfRun(whole);
        if (start > 0) {
            damage.add(hole(whole.get(start - 1), whole.get(start)));
        }
        Extent newest = whole.isEmpty() ? null : whole.getLast();
        long last = newest == null ? 0 : newest.last();
        List<Long> torn = new ArrayList<>();
        // A ring that took another's place may have been torn before its first segment was on stable storage. What its
        // records say was durable lay in the other one.
        boolean isEmptyInPlace = newest == null && layout.continues();
        boolean endIsDamaged = searchBehind(newest, whole, torn) > last && !isEmptyInPlace;
        if (endIsDamaged) {
            damage.add(lostEnd(newest, last + 1));
        }
        return new Found(
                List.copyOf(whole.subList(0, start)),
                List.copyOf(whole.subList(start, whole.size())),
                damage,
                endIsDamaged,
                stated,
                torn);
    }

    private List<Extent> walkAll() throws IOException {
        List<Extent> walked = new ArrayList<>();
        for (int index = 0; index < layout.extents(); index++) {
            Extent extent = walk(index);
            if (extent != null) {
                walked.add(extent);
            }
        }
        walked.sort(Comparator.comparingLong(Extent::first));
        return walked;
    }

    /** Headers only: the bodies of what is known to be durable need no second look. */
    private @Nullable Extent walk(int index) throws IOException {
        long start = layout.startOf(index);
        long limit = limitOf(index);
        long at = start;
        long first = 0;
        long last = 0;
        while (at + RecordFrame.LENGTH <= limit) {
            RecordFrame.Head record = headAt(at);
            if (record == null || at + record.totalLength() > limit || (first != 0 && record.number() != last + 1)) {
                break;
            }
            if (first == 0) {
                first = record.number();
            }
            last = record.number();
            at += record.totalLength();
            stated = Math.max(stated, record.durable());
        }
        return first == 0 ? null : new Extent(index, first, last, at);
    }

    /** The extents up to the last one that was durable at its start, and those that join on to it. */
    private List<Extent> counted(List<Extent> walked) {
        int end = 0;
        while (end < walked.size()
                && (walked.get(end).first() <= stated + 1
                        || (end > 0
                                && walked.get(end - 1).last() + 1
                                        == walked.get(end).first()))) {
            end++;
        }
        return walked.subList(0, end);
    }

    /** What was not durable may be torn: it counts up to the first record that is not whole. */
    private List<Extent> cutTorn(List<Extent> counted) throws IOException {
        List<Extent> whole = new ArrayList<>();
        for (Extent extent : counted) {
            Extent cut = extent.last() <= stated ? extent : wholePart(extent);
            if (cut != null) {
                whole.add(cut);
            }
            if (cut == null || cut.last() < extent.last()) {
                break;
            }
        }
        return whole;
    }

    /** The extent up to the first record that was not durable and whose body is not whole; null if that is its first. */
    private @Nullable Extent wholePart(Extent extent) throws IOException {
        long at = layout.startOf(extent.index());
        for (long number = extent.first(); number <= extent.last(); number++) {
            RecordFrame.Head record = headAt(at);
            if (record == null || (number > stated && !record.matches(bodyAt(at, record)))) {
                return number == extent.first() ? null : new Extent(extent.index(), extent.first(), number - 1, at);
            }
            at += record.totalLength();
        }
        return extent;
    }

    private static int startOfRun(List<Extent> whole) {
        int start = Math.max(0, whole.size() - 1);
        while (start > 0 && whole.get(start - 1).last() + 1 == whole.get(start).first()) {
            start--;
        }
        return start;
    }

    /**
     * Searches for records where none counts: behind the newest, and in the two extents that are written to next. Returns
     * the highest durable number that one of them states.
     */
    private long searchBehind(@Nullable Extent newest, List<Extent> whole, List<Long> torn) throws IOException {
        long last = newest == null ? 0 : newest.last();
        int index = newest == null ? layout.extents() - 1 : newest.index();
        long stated = newest == null ? 0 : search(newest.end(), limitOf(index), last, torn);
        for (int i = 0; i < 2; i++) {
            index = (index + 1) % layout.extents();
            long from = layout.startOf(index);
            for (Extent extent : whole) {
                from = extent.index() == index ? extent.end() : from;
            }
            stated = Math.max(stated, search(from, limitOf(index), last, torn));
        }
        return stated;
    }

    private long search(long from, long limit, long above, List<Long> torn) throws IOException {
        long stated = 0;
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW, limit - from));
        for (long start = from; start + RecordFrame.LENGTH <= limit; start += WINDOW - RecordFrame.LENGTH + 1) {
            window.clear().limit((int) Math.min(window.capacity(), limit - start));
            file.read(window, start);
            window.flip();
            int end = window.limit() - RecordFrame.LENGTH + 1;
            for (int at = nextMagic(window.array(), 0, end); at < end; at = nextMagic(window.array(), at + 1, end)) {
                RecordFrame.Head record = RecordFrame.read(window.position(at), layout.salt());
                if (record != null && record.number() > above) {
                    torn.add(start + at);
                    stated = Math.max(stated, record.durable());
                }
            }
        }
        return stated;
    }

    /** The index from which on the bytes may be a frame; {@code end} if there is none before. */
    private static int nextMagic(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && (bytes[at] != 'K' || bytes[at + 1] != 'R' || bytes[at + 2] != 'E' || bytes[at + 3] != 'C')) {
            at++;
        }
        return at;
    }

    private Damage hole(Extent before, Extent after) {
        return new Damage(
                before.end(),
                limitOf(before.index()) - before.end(),
                "expected segments %d to %d, found damaged bytes".formatted(before.last() + 1, after.first() - 1));
    }

    private Damage lostEnd(@Nullable Extent newest, long missing) {
        long from = newest == null ? layout.startOf(0) : newest.end();
        return new Damage(
                from,
                newest == null ? layout.extentLength() : limitOf(newest.index()) - from,
                "expected segment %d, which was on stable storage, found damaged bytes".formatted(missing));
    }

    private long limitOf(int extent) {
        return layout.startOf(extent) + layout.extentLength();
    }

    /** The offset of a record in the file, which lies in that extent behind the extent's first. */
    long offsetOf(long sequence, int extent, long first) throws IOException {
        long at = layout.startOf(extent);
        for (long number = first; number < sequence; number++) {
            RecordFrame.Head record = headAt(at);
            if (record == null) {
                throw new IOException(
                        "expected segment %d in the ring at offset %d, found damaged bytes".formatted(number, at));
            }
            at += record.totalLength();
        }
        return at;
    }

    RecordFrame.@Nullable Head headAt(long at) throws IOException {
        head.clear();
        file.read(head, at);
        return RecordFrame.read(head.flip(), layout.salt());
    }

    /** The body behind the frame at that offset; valid until the next call. */
    ByteBuffer bodyAt(long at, RecordFrame.Head record) throws IOException {
        if (record.bodyLength() > body.capacity()) {
            body = ByteBuffer.allocateDirect(record.bodyLength());
        }
        body.clear().limit(record.bodyLength());
        file.read(body, at + RecordFrame.LENGTH);
        return body.flip();
    }
}
