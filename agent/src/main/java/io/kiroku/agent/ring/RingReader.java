package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

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
            return new RingReader(file, Ring.layoutOf(file));
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

    /** Visits every segment that the ring holds; while an agent writes, those it held at the beginning. */
    public void forEach(Visitor visitor) throws IOException {
        RingScan scan = new RingScan(file, layout);
        RingScan.Found found = scan.scan();
        for (String sentence : found.damage()) {
            visitor.damaged(RingLayout.PAGE, size() - RingLayout.PAGE, sentence);
        }
        for (RingScan.Extent extent : found.extents()) {
            long at = layout.startOf(extent.index());
            for (long number = extent.first(); number <= extent.last(); number++) {
                RecordFrame.Head record = scan.headAt(at);
                if (record == null || record.number() != number) {
                    visitor.damaged(at, extent.end() - at, "expected segment " + number + ", found other bytes");
                    break;
                }
                ByteBuffer body = scan.bodyAt(at, record);
                if (record.matches(body)) {
                    visitor.segment(at, record, body);
                } else {
                    visitor.damaged(at, record.totalLength(), "segment " + number + " does not match its checksum");
                }
                at += record.totalLength();
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
