package io.kiroku.cli;

import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A segment as a file of its own: it is an .lz4 file as it is. */
final class SegmentFile {
    private SegmentFile() {}

    /** Names that sort in the order of the stream. */
    static String nameOf(SegmentHeader header) {
        return "%s-%012d%s".formatted(header.stream(), header.sequence(), Evidence.EXTENSION);
    }

    static void write(Path directory, Segment segment) throws IOException {
        Files.write(directory.resolve(nameOf(segment.header())), bytes(segment));
    }

    static byte[] bytes(Segment segment) {
        ByteBuffer stored = segment.bytes();
        byte[] bytes = new byte[stored.remaining()];
        stored.get(bytes);
        return bytes;
    }
}
