package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * One LZ4 data frame (LZ4 frame format 1.6.x): independent blocks of at most 1 MiB, content size stated, no checksums,
 * because the segment's SHA-256 covers the frame. Any tool that reads {@code .lz4} files reads it.
 */
final class Lz4Frame {
    private static final int MAGIC = 0x184D2204;

    /** FLG: version 01, blocks independent, content size present. */
    private static final byte FLG = 0b0110_1000;

    /** BD: blocks of at most 1 MiB. */
    private static final byte BD = 6 << 4;

    private static final int BLOCK = 1 << 20;
    private static final int STORED_PLAIN = 0x8000_0000;
    private static final int HEAD = 4 + 2 + 8 + 1;
    private static final int END_MARK = 4;

    /** Bytes of a frame without blocks. */
    static final int OVERHEAD = HEAD + END_MARK;

    private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();
    private static final LZ4SafeDecompressor DECOMPRESSOR =
            LZ4Factory.fastestInstance().safeDecompressor();
    private static final XXHash32 XX_HASH = XXHashFactory.fastestJavaInstance().hash32();

    private Lz4Frame() {}

    /** The longest frame that so many bytes can become: blocks that do not shrink are stored as they are. */
    static int mostStored(int raw) {
        int blocks = (raw + BLOCK - 1) / BLOCK;
        return OVERHEAD + 4 * blocks + raw;
    }

    /** Room that {@link #write} wants behind the output's position; more than a frame can take in the end. */
    static int roomToWrite(int raw) {
        return mostStored(raw) + COMPRESSOR.maxCompressedLength(BLOCK) - BLOCK;
    }

    /** Compresses all remaining bytes of {@code raw} into a frame at the output's position. */
    static void write(ByteBuffer raw, ByteBuffer out) {
        ByteOrder order = out.order();
        out.order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC);
        int descriptor = out.position();
        out.put(FLG).put(BD).putLong(raw.remaining());
        out.put(headerChecksum(out, descriptor));
        while (raw.hasRemaining()) {
            writeBlock(raw, Math.min(BLOCK, raw.remaining()), out);
        }
        out.putInt(0);
        out.order(order);
    }

    private static void writeBlock(ByteBuffer raw, int length, ByteBuffer out) {
        int at = out.position();
        int stored = COMPRESSOR.compress(
                raw, raw.position(), length, out, at + 4, Math.min(out.remaining() - 4, roomFor(length)));
        if (stored < length) {
            out.putInt(at, stored);
            out.position(at + 4 + stored);
        } else {
            out.putInt(at, length | STORED_PLAIN);
            out.put(at + 4, raw, raw.position(), length);
            out.position(at + 4 + length);
        }
        raw.position(raw.position() + length);
    }

    private static int roomFor(int length) {
        return COMPRESSOR.maxCompressedLength(length);
    }

    private static byte headerChecksum(ByteBuffer frame, int descriptor) {
        return (byte) (XX_HASH.hash(frame, descriptor, 10, 0) >>> 8);
    }

    /**
     * Decompresses a frame that takes up all of {@code stored} into {@code raw}, which receives exactly
     * {@code rawLength} bytes at its position.
     *
     * @throws MalformedException if it is no such frame, or holds more or fewer bytes than said
     */
    static void read(ByteBuffer stored, ByteBuffer raw, int rawLength) throws MalformedException {
        ByteBuffer in = stored.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < OVERHEAD) {
            throw malformed("a frame of at least " + OVERHEAD + " bytes", in.remaining() + " bytes");
        }
        if (in.getInt() != MAGIC) {
            throw malformed("the magic number 0x184D2204", "another");
        }
        int descriptor = in.position();
        if (in.get() != FLG || in.get() != BD) {
            throw malformed("independent blocks of at most 1 MiB with the content size", "another descriptor");
        }
        long contentSize = in.getLong();
        if (contentSize != rawLength) {
            throw malformed("a content size of " + rawLength, String.valueOf(contentSize));
        }
        if (in.get() != headerChecksum(in, descriptor)) {
            throw malformed("the descriptor's checksum", "another");
        }
        int end = raw.position() + rawLength;
        while (raw.position() < end) {
            readBlock(in, raw, Math.min(BLOCK, end - raw.position()));
        }
        if (in.remaining() != END_MARK || in.getInt() != 0) {
            throw malformed("the end mark and nothing after it", in.remaining() + " other bytes");
        }
    }

    private static void readBlock(ByteBuffer in, ByteBuffer raw, int length) throws MalformedException {
        if (in.remaining() < 4) {
            throw malformed("a block", "the end of the frame");
        }
        int word = in.getInt();
        int stored = word & ~STORED_PLAIN;
        if (stored > in.remaining()) {
            throw malformed("a block of " + stored + " bytes", "only " + in.remaining());
        }
        if ((word & STORED_PLAIN) != 0) {
            if (stored != length) {
                throw malformed("a plain block of " + length + " bytes", String.valueOf(stored));
            }
            raw.put(raw.position(), in, in.position(), length);
        } else if (stored >= length) {
            // A block that does not shrink is stored plain. Other tools refuse one that is longer than the block size.
            throw malformed("a compressed block of less than " + length + " bytes", String.valueOf(stored));
        } else {
            decompress(in, stored, raw, length);
        }
        in.position(in.position() + stored);
        raw.position(raw.position() + length);
    }

    private static void decompress(ByteBuffer in, int stored, ByteBuffer raw, int length) throws MalformedException {
        int got;
        try {
            got = DECOMPRESSOR.decompress(in, in.position(), stored, raw, raw.position(), length);
        } catch (LZ4Exception corrupt) {
            throw malformed("a block of " + length + " bytes when decompressed", "corrupt or longer data");
        }
        if (got != length) {
            throw malformed("a block of " + length + " bytes when decompressed", String.valueOf(got));
        }
    }

    private static MalformedException malformed(String expected, String found) {
        return new MalformedException("payload: expected %s, found %s".formatted(expected, found));
    }
}
