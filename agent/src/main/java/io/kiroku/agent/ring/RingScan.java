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
 * Finds the records of a ring after a crash. The first record of each extent tells the extents' order; within an extent
 * the numbers count on without a hole, which tells this lap's records from what an earlier lap left behind them.
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

    /**
     * The records of a ring.
     *
     * @param extents in the order of their numbers, without a hole between one and the next
     * @param damage what lies in the way that no crash explains, a sentence each; the extents before it are left out
     */
    record Found(List<Extent> extents, List<String> damage) {
        @Nullable
        Extent newest() {
            return extents.isEmpty() ? null : extents.getLast();
        }
    }

    private final StorageFile file;
    private final RingLayout layout;
    private final ByteBuffer head = ByteBuffer.allocateDirect(RecordFrame.LENGTH);
    private ByteBuffer body = ByteBuffer.allocateDirect(1 << 20);

    RingScan(StorageFile file, RingLayout layout) {
        this.file = file;
        this.layout = layout;
    }

    Found scan() throws IOException {
        List<Extent> walked = new ArrayList<>();
        for (int index = 0; index < layout.extents(); index++) {
            Extent extent = walk(index);
            if (extent != null) {
                walked.add(extent);
            }
        }
        walked.sort(Comparator.comparingLong(Extent::first));
        return lastRun(walked);
    }

    /** Headers only: the bodies of what is known to be durable need no second look. */
    private @Nullable Extent walk(int index) throws IOException {
        long start = layout.startOf(index);
        long limit = start + layout.extentLength();
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
        }
        return first == 0 ? null : new Extent(index, first, last, at);
    }

    /**
     * The extents at the end of the list whose numbers join on to each other. Where they do not, either a crash tore the
     * last records of the earlier extent, and what follows them does not count; or the earlier extent was damaged.
     */
    private Found lastRun(List<Extent> walked) throws IOException {
        List<String> damage = new ArrayList<>();
        int end = walked.size();
        int start = Math.max(0, end - 1);
        while (start > 0) {
            Extent earlier = walked.get(start - 1);
            if (earlier.last() + 1 != walked.get(start).first()) {
                if (durableStatedBy(walked.get(end - 1)) > earlier.last()) {
                    damage.add("segments %d to %d of the ring cannot be read: the record after segment %d is damaged"
                            .formatted(
                                    walked.getFirst().first(), walked.get(start).first() - 1, earlier.last()));
                    break;
                }
                end = start;
            }
            start--;
        }
        List<Extent> run = walked.subList(start, end);
        return new Found(run.isEmpty() ? List.of() : cutTorn(run, durableStatedBy(run.getLast())), damage);
    }

    private long durableStatedBy(Extent newest) throws IOException {
        long at = layout.startOf(newest.index());
        long durable = 0;
        while (at < newest.end()) {
            RecordFrame.Head record = headAt(at);
            if (record == null) {
                throw new IOException("the ring changed while it was read");
            }
            durable = Math.max(durable, record.durable());
            at += record.totalLength();
        }
        return durable;
    }

    /** What was not durable may be torn: it counts up to the first record that is not whole. */
    private List<Extent> cutTorn(List<Extent> run, long durable) throws IOException {
        List<Extent> whole = new ArrayList<>();
        for (Extent extent : run) {
            if (extent.last() <= durable) {
                whole.add(extent);
                continue;
            }
            Extent cut = cutTorn(extent, durable);
            if (cut != null) {
                whole.add(cut);
            }
            if (cut == null || cut.last() < extent.last()) {
                break;
            }
        }
        return whole;
    }

    private @Nullable Extent cutTorn(Extent extent, long durable) throws IOException {
        long at = layout.startOf(extent.index());
        for (long number = extent.first(); number <= extent.last(); number++) {
            RecordFrame.Head record = headAt(at);
            if (record == null || (number > durable && !record.matches(bodyAt(at, record)))) {
                return number == extent.first() ? null : new Extent(extent.index(), extent.first(), number - 1, at);
            }
            at += record.totalLength();
        }
        return extent;
    }

    RecordFrame.@Nullable Head headAt(long at) throws IOException {
        head.clear();
        file.read(head, at);
        return RecordFrame.read(head.flip());
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
