package io.kiroku.evidence.bundle;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Reads a stretch of a file from its beginning to its end, some of it in memory at a time. For use by one thread. */
final class Window {
    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer;
    private long at;

    /** The stretch from and to. */
    Window(FileChannel channel, long from, long to) {
        this(channel, from, to, 64 << 10);
    }

    Window(FileChannel channel, long from, long to, int capacity) {
        this.channel = channel;
        this.at = from;
        this.end = to;
        this.buffer =
                ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    /** Bytes that were not taken yet. */
    long remaining() {
        return end - at + buffer.remaining();
    }

    /**
     * A buffer with at least so many bytes, to be taken by reading it.
     *
     * @param length no more than the capacity
     * @throws EOFException if the stretch or the file has fewer
     */
    ByteBuffer need(int length) throws IOException {
        while (buffer.remaining() < length) {
            if (!fill()) {
                throw new EOFException("expected %d more bytes, found %d".formatted(length, buffer.remaining()));
            }
        }
        return buffer;
    }

    /** A buffer with more bytes; without any at the end. */
    ByteBuffer more() throws IOException {
        if (!buffer.hasRemaining()) {
            fill();
        }
        return buffer;
    }

    private boolean fill() throws IOException {
        buffer.compact();
        buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + end - at));
        int got = buffer.hasRemaining() ? channel.read(buffer, at) : -1;
        at += Math.max(got, 0);
        buffer.flip();
        return got > 0;
    }

    /** Reads a file's bytes from that offset on until the buffer is full, and flips it. */
    static void read(FileChannel channel, long from, ByteBuffer into) throws IOException {
        long at = from;
        while (into.hasRemaining()) {
            int got = channel.read(into, at);
            if (got < 0) {
                throw new EOFException(
                        "expected %d more bytes at byte %d, found the end of the file".formatted(into.remaining(), at));
            }
            at += got;
        }
        into.flip();
    }
}
