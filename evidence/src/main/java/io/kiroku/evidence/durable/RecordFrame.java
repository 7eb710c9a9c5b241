package io.kiroku.evidence.durable;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The 32 bytes before each record of a ring or a volume, by which a reader finds the next record and tells a write that a
 * crash tore from one that was damaged later. Big-endian: magic {@code KREC}, length of the body (4 bytes), number (8),
 * durable (8), CRC-32C of the body (4), CRC-32C of the 28 bytes before (4). The checksums find accidents only; whether
 * the body is genuine is for its signature.
 */
public final class RecordFrame {
    public static final int LENGTH = 32;

    private static final int MAGIC = 0x4B524543;

    /**
     * A frame that is whole.
     *
     * @param bodyLength bytes that follow
     * @param number counts the records of the container without a hole
     * @param durable all records up to this number were on stable storage when this one was written: if one of them is
     *     not whole, it was damaged, not torn
     * @param bodyCrc CRC-32C of the body
     */
    public record Head(int bodyLength, long number, long durable, int bodyCrc) {
        public long totalLength() {
            return (long) LENGTH + bodyLength;
        }

        /** Whether these bytes, which stay as they are, are the body that was written. */
        public boolean matches(ByteBuffer body) {
            return body.remaining() == bodyLength && crc(body) == bodyCrc;
        }
    }

    private RecordFrame() {}

    /** Writes the frame for that body, which stays as it is. */
    public static void write(ByteBuffer out, ByteBuffer body, long number, long durable) {
        write(out, body, number, durable, 0);
    }

    /**
     * As {@link #write(ByteBuffer, ByteBuffer, long, long)}, for a container in which frames are searched for among bytes
     * that others have chosen.
     *
     * @param salt a number of the container that they cannot know; it is mixed into the checksum of the frame
     */
    public static void write(ByteBuffer out, ByteBuffer body, long number, long durable, int salt) {
        int at = out.position();
        out.putInt(MAGIC)
                .putInt(body.remaining())
                .putLong(number)
                .putLong(durable)
                .putInt(crc(body));
        out.putInt(crc(out.slice(at, LENGTH - 4)) ^ salt);
    }

    /** Reads a frame from the buffer's position, which stays; null if these bytes are none, or a damaged one. */
    public static @Nullable Head read(ByteBuffer in) {
        return read(in, 0);
    }

    /** As {@link #read(ByteBuffer)}, of a container with that salt. */
    public static @Nullable Head read(ByteBuffer in, int salt) {
        if (in.remaining() < LENGTH) {
            return null;
        }
        int at = in.position();
        if (in.getInt(at) != MAGIC || in.getInt(at + LENGTH - 4) != (crc(in.slice(at, LENGTH - 4)) ^ salt)) {
            return null;
        }
        int length = in.getInt(at + 4);
        return length < 0 ? null : new Head(length, in.getLong(at + 8), in.getLong(at + 16), in.getInt(at + 24));
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
