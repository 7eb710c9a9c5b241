package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.segment.SegmentFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the records of a file from front to back, in large slices and without copies, and goes on behind what is broken:
 * there it looks for the next frame whose checksum matches.
 */
final class RecordCursor {
    /** No record of a store has a longer body: a catalogue's entry is a segment's header and manifest. */
    static final int MOST_BODY = SegmentFormat.MOST_SEGMENT;

    /** A piece of the file. */
    sealed interface Stretch {
        /** Offset of its first byte. */
        long at();

        /** Number of bytes. */
        long length();

        default long end() {
            return at() + length();
        }
    }

    /**
     * A record that is whole.
     *
     * @param body valid until the cursor moves on
     */
    record Whole(long at, RecordFrame.Head head, ByteBuffer body) implements Stretch {
        @Override
        public long length() {
            return head.totalLength();
        }
    }

    /**
     * Bytes that are no whole record, up to the next frame or to the limit.
     *
     * @param head the frame at their start, if it is whole
     */
    record Broken(long at, long length, RecordFrame.@Nullable Head head) implements Stretch {}

    private final StorageFile file;
    private final long limit;
    private final int slice;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowAt;
    private long at;

    /**
     * Starts at {@code from} and takes the file to end at {@code limit}, whatever is written behind it.
     *
     * @param slice how many bytes are read at a time
     */
    RecordCursor(StorageFile file, long from, long limit, int slice) {
        this.file = file;
        this.limit = limit;
        this.slice = slice;
        this.windowAt = from;
        this.at = from;
    }

    /** Offset of what comes next. */
    long at() {
        return at;
    }

    /** The next piece of the file, null at its end. */
    @Nullable
    Stretch next() throws IOException {
        if (at >= limit) {
            return null;
        }
        Stretch stretch = stretchAt(at);
        at = stretch.end();
        return stretch;
    }

    private Stretch stretchAt(long start) throws IOException {
        RecordFrame.Head head = frameAt(start);
        if (head != null && start + head.totalLength() <= limit) {
            ByteBuffer body = view(start + RecordFrame.LENGTH, head.bodyLength());
            if (head.matches(body)) {
                return new Whole(start, head, body);
            }
            long behind = start + head.totalLength();
            if (behind == limit || frameAt(behind) != null) {
                return new Broken(start, head.totalLength(), head);
            }
        }
        return new Broken(start, nextFrame(start + 1) - start, head);
    }

    /** Offset of the first frame from there on, or the limit. */
    private long nextFrame(long from) throws IOException {
        long candidate = from;
        while (candidate + RecordFrame.LENGTH <= limit && frameAt(candidate) == null) {
            candidate++;
        }
        return candidate + RecordFrame.LENGTH <= limit ? candidate : limit;
    }

    private RecordFrame.@Nullable Head frameAt(long offset) throws IOException {
        if (offset + RecordFrame.LENGTH > limit) {
            return null;
        }
        RecordFrame.Head head = RecordFrame.read(view(offset, RecordFrame.LENGTH));
        return head == null || head.bodyLength() > MOST_BODY ? null : head;
    }

    private ByteBuffer view(long from, int length) throws IOException {
        if (from < windowAt || from + length > windowAt + window.limit()) {
            slide(from, length);
        }
        return window.slice((int) (from - windowAt), length);
    }

    /** Reads a frame's length more than is asked for, so that what follows a record is mostly there too. */
    private void slide(long from, int length) throws IOException {
        if (length + RecordFrame.LENGTH > window.capacity()) {
            long slices = Math.min(slice, limit - from);
            window = ByteBuffer.allocateDirect((int) Math.max(slices, length + RecordFrame.LENGTH));
        }
        window.clear().limit((int) Math.min(window.capacity(), limit - from));
        windowAt = from;
        file.read(window, from);
        window.flip();
        if (window.limit() < length) {
            throw new IOException("the file became shorter while it was read");
        }
    }
}
