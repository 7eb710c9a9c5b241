package io.kiroku.agent.ring;

import io.kiroku.evidence.record.BoundedText;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How a ring file is divided: a first page that says whose it is, then extents of equal length. Records never cross an
 * extent's end, and an extent is overwritten as a whole, so the first record of each can always be found.
 *
 * @param stream the id of the stream whose segments it holds, 16 bytes
 * @param node the node's name
 * @param extentLength bytes, at least 64 KiB
 * @param extents number of extents, at least 4
 * @param continues whether it replaces a ring that is gone: its stream goes on from what the collector has of it
 * @param salt drawn when the ring was made and known to nobody who writes logs: their bytes lie in the ring too, and must
 *     not pass for records
 */
public record RingLayout(Octets stream, String node, int extentLength, int extents, boolean continues, int salt) {
    static final int PAGE = 4096;

    /** The shortest extents that rings are divided into by size. */
    static final int LEAST_EXTENT = 4 << 20;

    /** The shortest extents there can be: a simulation goes round a small ring often. */
    static final int SHORTEST_EXTENT = 64 << 10;

    static final int LEAST_EXTENTS = 4;
    private static final int MOST_EXTENT = 256 << 20;

    private static final int MAGIC = 0x4B52_4E47;
    private static final int VERSION = 1;
    private static final int MOST_NODE = 253;

    /** Divides a ring of about that size; the file becomes at most so long. */
    public static RingLayout of(Octets stream, String node, long size, int salt) {
        long extent = Math.clamp(size / 64 / PAGE * PAGE, LEAST_EXTENT, MOST_EXTENT);
        long extents = (size - PAGE) / extent;
        if (extents < LEAST_EXTENTS) {
            extents = size / extent;
        }
        if (extents < LEAST_EXTENTS || extents > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a ring has at least %d bytes, this one would have %d"
                    .formatted((long) LEAST_EXTENTS * LEAST_EXTENT, size));
        }
        return new RingLayout(stream, node, (int) extent, (int) extents, false, salt);
    }

    /** The same for a ring that is gone, and whose stream goes on: it {@linkplain Ring#awaitsCollector waits} for the collector. */
    public RingLayout continuing() {
        return new RingLayout(stream, node, extentLength, extents, true, salt);
    }

    /** The length of the file for a ring of about {@code size} bytes. */
    public static long fileLength(long size) {
        return of(Octets.zero(16), "", size, 0).fileLength();
    }

    /** In bytes. */
    public long fileLength() {
        return PAGE + (long) extentLength * extents;
    }

    long startOf(int extent) {
        return PAGE + (long) extent * extentLength;
    }

    /**
     * The first page: magic KRNG, version, extent length, number of extents, whether it continues a stream, salt, stream,
     * node, zeros, CRC-32C.
     */
    ByteBuffer encode() {
        ByteBuffer page = ByteBuffer.allocate(PAGE);
        page.putInt(MAGIC)
                .putInt(VERSION)
                .putInt(extentLength)
                .putInt(extents)
                .putInt(continues ? 1 : 0)
                .putInt(salt);
        stream.writeTo(page);
        BoundedText.write(BoundedText.encode(node, MOST_NODE), page);
        page.putInt(PAGE - 4, crc(page));
        return page.clear();
    }

    /**
     * Reads a first page.
     *
     * @throws MalformedException if it is none, or one of another version
     */
    static RingLayout decode(ByteBuffer page) throws MalformedException {
        if (page.remaining() != PAGE || page.getInt(0) != MAGIC) {
            throw new MalformedException("expected a ring that begins with KRNG, found other bytes");
        }
        if (page.getInt(4) != VERSION) {
            throw new MalformedException(
                    "expected a ring of version %d, found version %d".formatted(VERSION, page.getInt(4)));
        }
        if (page.getInt(PAGE - 4) != crc(page)) {
            throw new MalformedException("expected the ring's first page to match its checksum, found it damaged");
        }
        ByteBuffer in = page.slice(8, PAGE - 12);
        int extentLength = in.getInt();
        int extents = in.getInt();
        if (extentLength < SHORTEST_EXTENT || extentLength > MOST_EXTENT || extents < LEAST_EXTENTS) {
            throw new MalformedException("expected at least %d extents of %d to %d bytes, found %d of %d"
                    .formatted(LEAST_EXTENTS, SHORTEST_EXTENT, MOST_EXTENT, extents, extentLength));
        }
        int continues = in.getInt();
        if (continues != 0 && continues != 1) {
            throw new MalformedException("expected 0 or 1, whether the ring continues a stream, found " + continues);
        }
        int salt = in.getInt();
        Octets stream = Octets.take(in, 16);
        return new RingLayout(stream, BoundedText.read(in, MOST_NODE), extentLength, extents, continues == 1, salt);
    }

    private static int crc(ByteBuffer page) {
        CRC32C crc = new CRC32C();
        crc.update(page.slice(0, PAGE - 4));
        return (int) crc.getValue();
    }
}
