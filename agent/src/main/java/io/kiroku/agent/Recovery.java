package io.kiroku.agent;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where reading stands, as the last segments in the ring say: there is nothing else that could disagree with them.
 *
 * @param head the end of the chain; null if the ring is empty
 * @param files the files that were being followed
 * @param nextFile the lowest file id that the stream has not used
 * @param wholeFrom from which file id on all that was followed is in {@code files} or has ended: what is below was followed
 *     before a ring was lost, or a state directory
 * @param end when the youngest of the segments looked at was sealed, on the wall clock in nanoseconds: the last one, unless
 *     the clock was set back. {@link Tail.Chain#NO_END} if there is none
 * @param declared what the segments looked at declare lost
 * @param lineage the identities that the last of them to do so names
 */
record Recovery(
        @Nullable ChainHead head,
        FileTable files,
        int nextFile,
        int wholeFrom,
        long end,
        List<LostSegments.Declared> declared,
        Lineage lineage) {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final Set<Entry.EpochReason> BEGINNINGS =
            EnumSet.of(Entry.EpochReason.FIRST, Entry.EpochReason.RING_LOST);

    /** Replays the ring from its newest segment that restates everything. */
    static Recovery from(Ring ring) throws IOException {
        FileTable files = new FileTable();
        ChainHead head = null;
        List<LostSegments.Declared> declared = new ArrayList<>();
        int nextFile = 1;
        int wholeFrom = 1;
        long end = Long.MIN_VALUE;
        Lineage lineage = Lineage.UNKNOWN;
        long first = ring.newestRestating();
        if (first == 0) {
            return ofNothing();
        }
        RingCursor cursor = ring.cursorAt(first);
        for (ByteBuffer bytes = cursor.read(); bytes != null; bytes = cursor.read()) {
            try {
                Segment segment = Segment.of(bytes);
                List<Entry> entries = segment.entries();
                nextFile = Math.max(nextFile, nextFile(entries));
                wholeFrom = wholeFrom(entries, wholeFrom);
                files.apply(entries, segment.header().restates());
                head = ChainHead.of(segment);
                end = Math.max(end, segment.header().sealed().wallNanos());
                for (Entry entry : entries) {
                    switch (entry) {
                        case Entry.SegmentGap gap -> declared.add(new LostSegments.Declared(head.sequence(), gap));
                        case Entry.Epoch epoch -> lineage = Lineage.of(epoch);
                        default -> {}
                    }
                }
            } catch (MalformedException malformed) {
                throw new IOException(
                        "segment %d in the ring: %s".formatted(cursor.next() - 1, malformed.getMessage()), malformed);
            }
        }
        return new Recovery(head, files, nextFile, wholeFrom, end, declared, lineage);
    }

    /** Where reading stands when the ring is gone: behind what the collector has, and at the start of every file. */
    static Recovery behind(Octets stream, Optional<Frame.Head> collectorsEnd) {
        return collectorsEnd
                .map(end -> new Recovery(
                        new ChainHead(stream, end.epoch(), end.sequence(), end.hash(), Octets.zero(32)),
                        new FileTable(),
                        end.nextFile(),
                        Integer.MAX_VALUE,
                        Tail.Chain.NO_END,
                        List.of(),
                        Lineage.UNKNOWN))
                .orElseGet(Recovery::ofNothing);
    }

    /** The stream begins. Pins that are there all the same are those of another. */
    private static Recovery ofNothing() {
        return new Recovery(null, new FileTable(), 1, Integer.MAX_VALUE, Tail.Chain.NO_END, List.of(), Lineage.UNKNOWN);
    }

    /**
     * What had its receipt when the agent last ran needs none now. Only a receipt for what is in the ring counts: the ring
     * may be another than it was.
     */
    static void acknowledge(Ring ring, Frame.Receipt receipt) {
        Ring.Standing standing = ring.standing();
        boolean isHere = receipt.stream().equals(ring.stream())
                && receipt.sequence() >= standing.oldest()
                && receipt.sequence() <= standing.durable()
                && standing.oldest() != 0;
        try {
            ByteBuffer bytes = isHere ? ring.cursorAt(receipt.sequence()).read() : null;
            if (bytes != null && Segment.of(bytes).hash().equals(receipt.hash())) {
                ring.acknowledge(receipt.sequence());
            }
        } catch (IOException | MalformedException damaged) {
            LOG.warn("the segment of the last receipt cannot be read in the ring: {}", damaged.getMessage());
        }
    }

    /** An epoch that knows of nothing before it begins with new ids for all files, and they rise. */
    private static int wholeFrom(List<Entry> entries, int before) {
        int from = before;
        for (Entry entry : entries) {
            if (entry instanceof Entry.Epoch epoch && BEGINNINGS.contains(epoch.reason())) {
                from = Integer.MAX_VALUE;
            } else if (entry instanceof Entry.File file && from == Integer.MAX_VALUE) {
                from = file.file();
            }
        }
        return from;
    }

    private static int nextFile(List<Entry> entries) {
        int next = 1;
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Epoch epoch -> next = Math.max(next, epoch.nextFile());
                case Entry.File file -> next = Math.max(next, file.file() + 1);
                default -> {}
            }
        }
        return next;
    }
}
