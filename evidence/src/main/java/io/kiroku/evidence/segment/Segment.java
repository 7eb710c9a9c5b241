package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestReader;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A segment as it is stored, cut into its parts. Cutting checks only lengths and magic numbers; whether the content is
 * what was sealed is for {@link #manifestDigest()} and {@link #payloadDigest()} against the header, and whether the
 * header is, for its signature. Verify first, then read {@link #entries()} and the log.
 */
public final class Segment {
    private final ByteBuffer bytes;
    private final SegmentHeader header;

    private Segment(ByteBuffer bytes, SegmentHeader header) {
        this.bytes = bytes;
        this.header = header;
    }

    /**
     * Cuts the buffer's remaining bytes, which must be one whole segment, into its parts. The buffer is not copied and
     * must not change while the segment is in use.
     *
     * @throws MalformedException if they are not laid out as a segment
     */
    public static Segment of(ByteBuffer stored) throws MalformedException {
        ByteBuffer bytes = stored.slice();
        if (bytes.remaining() < SegmentFormat.LEAST_SEGMENT) {
            throw new MalformedException("segment: expected at least %d bytes, found %d"
                    .formatted(SegmentFormat.LEAST_SEGMENT, bytes.remaining()));
        }
        SegmentHeader header = SegmentHeader.read(bytes.slice(SegmentFormat.HEADER_AT, SegmentHeader.LENGTH));
        Segment segment = new Segment(bytes, header);
        long length = (long) SegmentFormat.OVERHEAD + header.manifestLength() + header.payloadLength();
        if (bytes.remaining() != length) {
            throw new MalformedException(
                    "segment: expected %d bytes as the header says, found %d".formatted(length, bytes.remaining()));
        }
        segment.checkFrame(0, SegmentFormat.HEAD_MAGIC, SegmentHeader.LENGTH + header.manifestLength());
        segment.checkFrame(segment.saltFrameAt(), SegmentFormat.SALT_MAGIC, SegmentFormat.SALT_LENGTH);
        return segment;
    }

    private void checkFrame(int at, int magic, int length) throws MalformedException {
        ByteBuffer frame = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (frame.getInt(at) != magic || frame.getInt(at + 4) != length) {
            throw new MalformedException(
                    "segment: expected a skippable frame 0x%08X of %d bytes at offset %d, found 0x%08X of %d"
                            .formatted(
                                    magic, length, at, frame.getInt(at), Integer.toUnsignedLong(frame.getInt(at + 4))));
        }
    }

    public SegmentHeader header() {
        return header;
    }

    /** All bytes as stored. */
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }

    public int length() {
        return bytes.remaining();
    }

    /** The header's bytes, signature included. */
    public ByteBuffer headerBytes() {
        return bytes.slice(SegmentFormat.HEADER_AT, SegmentHeader.LENGTH);
    }

    /** The bytes that the signature covers. */
    public ByteBuffer signedBytes() {
        return bytes.slice(SegmentFormat.HEADER_AT, SegmentHeader.SIGNED_LENGTH);
    }

    /** SHA-256 of the header: what the next segment names as its previous one, and what a receipt names. */
    public Octets hash() {
        return Sha256.of(headerBytes());
    }

    public ByteBuffer manifestBytes() {
        return bytes.slice(SegmentFormat.MANIFEST_AT, header.manifestLength());
    }

    /** SHA-256 of the manifest as it lies here. */
    public Octets manifestDigest() {
        return Sha256.of(manifestBytes());
    }

    /** SHA-256 of salt and payload as they lie here, next to each other. */
    public Octets payloadDigest() {
        int at = saltFrameAt() + SegmentFormat.SKIPPABLE;
        return Sha256.of(bytes.slice(at, SegmentFormat.SALT_LENGTH + header.payloadLength()));
    }

    /**
     * Reads the manifest.
     *
     * @throws MalformedException if it is not laid out as one
     */
    public List<Entry> entries() throws MalformedException {
        return ManifestReader.read(manifestBytes());
    }

    /**
     * Decompresses the log bytes into {@code raw} at its position and advances it by the header's raw length. Never
     * writes beyond that, whatever the payload says.
     *
     * @throws MalformedException if the payload does not hold exactly so many bytes
     */
    public void decompress(ByteBuffer raw) throws MalformedException {
        int at = SegmentFormat.MANIFEST_AT
                + header.manifestLength()
                + SegmentFormat.SKIPPABLE
                + SegmentFormat.SALT_LENGTH;
        Lz4Frame.read(bytes.slice(at, header.payloadLength()), raw, header.rawLength());
    }

    private int saltFrameAt() {
        return SegmentFormat.MANIFEST_AT + header.manifestLength();
    }
}
