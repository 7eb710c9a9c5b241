package io.kiroku.systemtests.simulation;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the collector would still have if its power failed at this very moment: read from the disk, not asked of the
 * collector. Records are looked for from the front of each volume, up to the first byte that a power failure could take.
 */
final class DurableSegments {
    static final String VOLUMES = "volumes";
    private static final int VOLUME_HEADER = 32;

    private final SimDisk disk;
    private final Map<String, Integer> readTo = new HashMap<>();
    private final Map<Octets, Map<Long, Octets>> streams = new HashMap<>();
    private final Map<Octets, Long> acknowledged = new HashMap<>();

    DurableSegments(SimDisk disk) {
        this.disk = disk;
    }

    /** A receipt is about to be sent: this segment, and all that was not acknowledged before it, must be there. */
    void checkReceipt(Frame.Receipt receipt, boolean mayJump) {
        read();
        Map<Long, Octets> stream = streams.getOrDefault(receipt.stream(), Map.of());
        Violation.unless(
                Objects.equals(receipt.hash(), stream.get(receipt.sequence())),
                "a receipt for segment %d is sent, which is not on stable storage",
                receipt.sequence());
        long before = acknowledged.getOrDefault(receipt.stream(), 0L);
        for (long sequence = before + 1; sequence < receipt.sequence() && !mayJump; sequence++) {
            Violation.unless(
                    stream.containsKey(sequence),
                    "a receipt for segment %d is sent, and segment %d is not on stable storage",
                    receipt.sequence(),
                    sequence);
        }
        acknowledged.merge(receipt.stream(), receipt.sequence(), Math::max);
    }

    /** An agent is told that the collector has this segment and all before it. */
    void checkHead(Octets stream, Frame.Head head) {
        read();
        Violation.unless(
                Objects.equals(head.hash(), hashOf(stream, head.sequence())),
                "an agent is told of segment %d, which is not on stable storage",
                head.sequence());
    }

    /** An agent may forget what was acknowledged. */
    void checkKept(Octets stream, long sequence) {
        read();
        Violation.unless(
                sequence == 0 || streams.getOrDefault(stream, Map.of()).containsKey(sequence),
                "an agent takes segment %d for acknowledged, which is not on stable storage",
                sequence);
    }

    /** The disk was lost. */
    void lost() {
        forget();
        acknowledged.clear();
    }

    /** The hash of a segment that is on the disk; null if it is not. */
    @Nullable
    Octets hashOf(Octets stream, long sequence) {
        return streams.getOrDefault(stream, Map.of()).get(sequence);
    }

    void read() {
        for (String name : disk.names(VOLUMES + "/")) {
            SimContent content = disk.content(name);
            if (content != null) {
                if (content.takeLowestChange() < readTo.getOrDefault(name, 0)) {
                    forget();
                    read();
                    return;
                }
                read(name, content);
            }
        }
    }

    private void forget() {
        readTo.clear();
        streams.clear();
    }

    private void read(String name, SimContent content) {
        int at = readTo.getOrDefault(name, VOLUME_HEADER);
        ByteBuffer frame = ByteBuffer.allocate(RecordFrame.LENGTH);
        while (content.isDurable(at, at + RecordFrame.LENGTH)) {
            content.read(frame.clear(), at);
            RecordFrame.Head head = RecordFrame.read(frame.flip());
            int from = at + RecordFrame.LENGTH;
            if (head == null || !content.isDurable(from, from + head.bodyLength())) {
                break;
            }
            ByteBuffer body = ByteBuffer.allocate(head.bodyLength());
            content.read(body, from);
            if (!head.matches(body.flip())) {
                break;
            }
            take(body);
            at = from + head.bodyLength();
        }
        readTo.put(name, at);
    }

    private void take(ByteBuffer body) {
        try {
            Segment segment = Segment.of(body);
            streams.computeIfAbsent(segment.header().stream(), _ -> new HashMap<>())
                    .put(segment.header().sequence(), segment.hash());
        } catch (MalformedException e) {
            throw new Violation("the store holds what is no segment", e);
        }
    }
}
