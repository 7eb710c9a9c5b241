package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads a ring from outside, whether or not its agent runs: what a node still holds, without any collector. */
public final class RingReader implements AutoCloseable {
    /** The name of the ring file in an agent's state directory. */
    public static final String FILE = "ring";

    /** Takes what is found, in the order of the segments. */
    public interface Visitor {
        /** A segment. The bytes are valid during the call. */
        void segment(long offset, RecordFrame.Head record, ByteBuffer segment);

        /** Something that should be a segment and is not. */
        void damaged(long offset, long length, String sentence);
    }

    private final ChannelFile file;
    private final RingLayout layout;

    private RingReader(ChannelFile file, RingLayout layout) {
        this.file = file;
        this.layout = layout;
    }

    /**
     * Opens the ring of an agent's state directory, or a ring file itself.
     *
     * @throws MalformedException if it is no ring of this version
     */
    public static RingReader open(Path state) throws IOException, MalformedException {
        Path path = Files.isDirectory(state) ? state.resolve(FILE) : state;
        ChannelFile file = ChannelFile.openForReading(path);
        try {
            return new RingReader(file, RingFile.open(file).layout());
        } catch (IOException | MalformedException e) {
            file.close();
            throw e;
        }
    }

    public Octets stream() {
        return layout.stream();
    }

    public String node() {
        return layout.node();
    }

    /** Length of the ring file in bytes. */
    public long size() {
        return layout.fileLength();
    }

    /**
     * Visits every segment that the ring holds. While an agent writes: those that it held at the beginning, but for the
     * oldest if they are overwritten meanwhile.
     */
    public void forEach(Visitor visitor) throws IOException {
        RingScan scan = new RingScan(file, layout);
        RingScan.Found found = scan.scanWhileWritten();
        List<RingScan.Extent> extents = new ArrayList<>(found.before());
        extents.addAll(found.extents());
        for (RingScan.Extent extent : extents) {
            visit(scan, extent, visitor);
            for (RingScan.Damage damage : found.damage()) {
                if (damage.offset() == extent.end()) {
                    visitor.damaged(damage.offset(), damage.length(), damage.sentence());
                }
            }
        }
    }

    private void visit(RingScan scan, RingScan.Extent extent, Visitor visitor) throws IOException {
        long at = layout.startOf(extent.index());
        for (long number = extent.first(); number <= extent.last(); number++) {
            RecordFrame.Head record = scan.headAt(at);
            ByteBuffer body = record == null || record.number() != number || record.totalLength() > extent.end() - at
                    ? null
                    : scan.bodyAt(at, record);
            if (record != null && body != null && record.matches(body)) {
                visitor.segment(at, record, body);
                at += record.totalLength();
                continue;
            }
            if (!isStillHeld(extent)) {
                return;
            }
            if (record == null || body == null) {
                visitor.damaged(at, extent.end() - at, "expected segment " + number + ", found other bytes");
                return;
            }
            visitor.damaged(at, record.totalLength(), "segment " + number + " does not match its checksum");
            at += record.totalLength();
        }
    }

    /** An agent may have begun to overwrite the extent. */
    private boolean isStillHeld(RingScan.Extent extent) throws IOException {
        RingScan.Found now = new RingScan(file, layout).scanWhileWritten();
        return Stream.concat(now.before().stream(), now.extents().stream())
                .anyMatch(held -> held.index() == extent.index() && held.first() == extent.first());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
