package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The fixed-size head of a segment: what the chain links and the signature covers. Layout in docs/FORMAT.md; numbers
 * are big-endian.
 *
 * @param stream 16 bytes that name the stream
 * @param epoch from 1; one unbroken run of the ratchet
 * @param sequence from 1; counts the segments of the stream through all its epochs
 * @param previous SHA-256 of the previous segment's header, 32 bytes; zero in the stream's first segment
 * @param sealed when the segment was sealed, on the node's clocks
 * @param bootId 16 bytes, new at every boot (/proc/sys/kernel/random/boot_id)
 * @param manifestLength bytes, 0 to {@link io.kiroku.evidence.record.ManifestWriter#MOST}
 * @param payloadLength bytes of the LZ4 frame as stored, without the salt
 * @param rawLength bytes of log that the LZ4 frame holds, 0 to {@link #MOST_RAW}
 * @param flags {@link #RESTATES} or 0
 * @param manifestDigest SHA-256 of the manifest
 * @param payloadDigest SHA-256 of the salt and the LZ4 frame after it, as stored
 * @param key the Ed25519 public key that the signature is checked with, 32 bytes
 * @param nextKey the public key that the next segment of the epoch must be signed with
 * @param signature Ed25519 over all bytes before it, 64 bytes
 */
public record SegmentHeader(
        Octets stream,
        long epoch,
        long sequence,
        Octets previous,
        Timestamp sealed,
        Octets bootId,
        int manifestLength,
        int payloadLength,
        int rawLength,
        int flags,
        Octets manifestDigest,
        Octets payloadDigest,
        Octets key,
        Octets nextKey,
        Octets signature) {
    /** Bytes of a header with its signature. */
    public static final int LENGTH = 312;

    /** Bytes that the signature covers: all before it. */
    public static final int SIGNED_LENGTH = LENGTH - 64;

    /** No segment holds more bytes of log; a reader refuses one that claims to. */
    public static final int MOST_RAW = 4 << 20;

    /** Flag: the manifest states every file that is being followed, so that reading may resume from here. */
    public static final int RESTATES = 1;

    static final int VERSION = 1;
    private static final byte[] MAGIC = {'K', 'I', 'R', 'O', 'K', 'U'};

    /** True if the manifest states every file that is being followed. */
    public boolean restates() {
        return (flags & RESTATES) != 0;
    }

    /** Writes the header without its signature: {@link #SIGNED_LENGTH} bytes. */
    void writeSigned(ByteBuffer out) {
        out.put(MAGIC).putShort((short) VERSION);
        stream.writeTo(out);
        out.putLong(epoch).putLong(sequence);
        previous.writeTo(out);
        out.putLong(sealed.wallNanos()).putLong(sealed.bootNanos());
        bootId.writeTo(out);
        out.putInt(manifestLength).putInt(payloadLength).putInt(rawLength).putInt(flags);
        manifestDigest.writeTo(out);
        payloadDigest.writeTo(out);
        key.writeTo(out);
        nextKey.writeTo(out);
    }

    /**
     * Reads a header from the buffer's position on and advances it by {@link #LENGTH}.
     *
     * @throws MalformedException if the bytes are no header of a version that this program knows
     */
    public static SegmentHeader read(ByteBuffer in) throws MalformedException {
        if (in.remaining() < LENGTH) {
            throw new MalformedException("header: expected %d bytes, found %d".formatted(LENGTH, in.remaining()));
        }
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new MalformedException("header: expected it to begin with KIROKU, found other bytes");
        }
        int version = Short.toUnsignedInt(in.getShort());
        if (version != VERSION) {
            throw new MalformedException("header: expected version %d, found %d".formatted(VERSION, version));
        }
        SegmentHeader header = new SegmentHeader(
                Octets.take(in, 16),
                in.getLong(),
                in.getLong(),
                Octets.take(in, 32),
                new Timestamp(in.getLong(), in.getLong()),
                Octets.take(in, 16),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                Octets.take(in, 32),
                Octets.take(in, 32),
                Octets.take(in, 32),
                Octets.take(in, 32),
                Octets.take(in, 64));
        header.checkBounds();
        return header;
    }

    private void checkBounds() throws MalformedException {
        require(epoch >= 1, "an epoch from 1", epoch);
        require(sequence >= 1, "a sequence from 1", sequence);
        require(
                manifestLength >= 0 && manifestLength <= SegmentFormat.MOST_MANIFEST,
                "a manifest of 0 to " + SegmentFormat.MOST_MANIFEST + " bytes",
                manifestLength);
        require(rawLength >= 0 && rawLength <= MOST_RAW, "0 to " + MOST_RAW + " bytes of log", rawLength);
        require(
                payloadLength >= Lz4Frame.OVERHEAD && payloadLength <= SegmentFormat.MOST_PAYLOAD,
                "a payload of " + Lz4Frame.OVERHEAD + " to " + SegmentFormat.MOST_PAYLOAD + " bytes",
                payloadLength);
        require((flags & ~RESTATES) == 0, "no flags but 1", flags);
    }

    private static void require(boolean holds, String expected, long found) throws MalformedException {
        if (!holds) {
            throw new MalformedException("header: expected %s, found %d".formatted(expected, found));
        }
    }
}
