package io.kiroku.systemtests.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Walks the records of volumes, also while a collector appends to them, up to the last whole record. */
public final class VolumeScan {
    /** Bytes of a volume's header, behind which its first record begins. */
    public static final int FIRST_RECORD = 32;

    /**
     * A record of a volume.
     *
     * @param offset of its frame in the volume; the segment lies behind the frame
     */
    public record Stored(Path volume, long offset, RecordFrame.Head head, Segment segment) {
        /** Offset behind the record. */
        public long end() {
            return offset + head.totalLength();
        }
    }

    private VolumeScan() {}

    /** The volumes of a collector's directory, in their order; none if there is no such directory. */
    public static List<Path> volumes(Path data) throws IOException {
        Path volumes = data.resolve("volumes");
        if (!Files.isDirectory(volumes)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(volumes)) {
            return files.filter(file -> String.valueOf(file.getFileName()).endsWith(".vol"))
                    .sorted()
                    .toList();
        }
    }

    /** All segments of all volumes below the directory. */
    public static List<Stored> segments(Path data) throws IOException {
        List<Stored> all = new ArrayList<>();
        for (Path volume : volumes(data)) {
            forEach(volume, 0, all::add);
        }
        return all;
    }

    /**
     * Hands over the volume's segments from an offset on.
     *
     * @param from 0, or the end of a record
     * @return where the last whole record ends
     */
    public static long forEach(Path volume, long from, Consumer<Stored> to) throws IOException {
        long at = from == 0 ? FIRST_RECORD : from;
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.READ)) {
            ByteBuffer frame = ByteBuffer.allocate(RecordFrame.LENGTH);
            while (true) {
                RecordFrame.Head head = read(channel, frame.clear(), at) ? RecordFrame.read(frame.flip()) : null;
                if (head == null) {
                    return at;
                }
                ByteBuffer body = ByteBuffer.allocate(head.bodyLength());
                if (!read(channel, body, at + RecordFrame.LENGTH) || !head.matches(body.flip())) {
                    return at;
                }
                to.accept(new Stored(volume, at, head, segment(body)));
                at += head.totalLength();
            }
        }
    }

    private static Segment segment(ByteBuffer body) {
        try {
            return Segment.of(body);
        } catch (MalformedException malformed) {
            throw new IllegalStateException("a whole record that holds no segment", malformed);
        }
    }

    private static boolean read(FileChannel channel, ByteBuffer into, long at) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }
}
