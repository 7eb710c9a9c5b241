package io.kiroku.collector.ingest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes over a connection into frames. A frame's memory is taken only once its length is known and has been
 * allowed, and is exactly that long; the bytes are copied into it once.
 */
final class FrameAssembler {
    private static final int LENGTH_FIELD = 4;

    private final ByteBufAllocator memory;
    private int lengthBytes;
    private int length;
    private @Nullable ByteBuf frame;

    FrameAssembler(ByteBufAllocator memory) {
        this.memory = memory;
    }

    /** Reads the length field as far as it is there. True once it is known; {@link #begin} or the end comes next. */
    boolean readLength(ByteBuf in) {
        while (lengthBytes < LENGTH_FIELD && in.isReadable()) {
            length = length << 8 | in.readUnsignedByte();
            lengthBytes++;
        }
        return lengthBytes == LENGTH_FIELD;
    }

    /** Bytes of the frame behind its length field, as the agent says: 0 to 2^32 - 1. */
    long length() {
        return Integer.toUnsignedLong(length);
    }

    boolean begun() {
        return frame != null;
    }

    /** The length has been allowed: the frame's bytes are taken from now on. */
    void begin() {
        frame = memory.directBuffer(length, length);
    }

    /** Takes bytes of the frame. Returns it when it is whole; whoever gets it releases it. */
    @Nullable
    ByteBuf fill(ByteBuf in) {
        ByteBuf filling = frame;
        if (filling == null) {
            throw new IllegalStateException("bytes of a frame that was not begun");
        }
        in.readBytes(filling, Math.min(in.readableBytes(), filling.writableBytes()));
        if (filling.isWritable()) {
            return null;
        }
        frame = null;
        length = 0;
        lengthBytes = 0;
        return filling;
    }

    /** Gives up a frame that was begun. Returns the bytes that it had been allowed. */
    long abandon() {
        ByteBuf begun = frame;
        if (begun == null) {
            return 0;
        }
        frame = null;
        begun.release();
        return length();
    }
}
