package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.ManifestWriter;

/**
 * Where things lie in a segment. A segment is a valid {@code .lz4} file (LZ4 frame format 1.6.x): a skippable frame with
 * header and manifest, a skippable frame with the salt, and one data frame with nothing but log bytes.
 */
public final class SegmentFormat {
    /** Skippable frame, LZ4 frame format "Skippable Frames": magic 0x184D2A50 to 0x184D2A5F, then a length. */
    static final int HEAD_MAGIC = 0x184D2A50;

    static final int SALT_MAGIC = 0x184D2A51;

    /** Magic and length of a skippable frame, each four bytes, little-endian as LZ4 has them. */
    static final int SKIPPABLE = 8;

    static final int SALT_LENGTH = 32;

    static final int MOST_MANIFEST = ManifestWriter.MOST;
    static final int MOST_PAYLOAD = Lz4Frame.mostStored(SegmentHeader.MOST_RAW);

    /** Offset of the header in a segment. */
    public static final int HEADER_AT = SKIPPABLE;

    /** Offset of the manifest in a segment. */
    public static final int MANIFEST_AT = HEADER_AT + SegmentHeader.LENGTH;

    /** Bytes that are neither manifest nor payload. */
    public static final int OVERHEAD = MANIFEST_AT + SKIPPABLE + SALT_LENGTH;

    /** No segment is longer, in bytes. */
    public static final int MOST_SEGMENT = OVERHEAD + MOST_MANIFEST + MOST_PAYLOAD;

    /** The fewest bytes a segment can have: an empty manifest and no log. */
    public static final int LEAST_SEGMENT = OVERHEAD + Lz4Frame.OVERHEAD;

    private SegmentFormat() {}
}
