package io.kiroku.evidence.record;

import java.nio.ByteBuffer;

/**
 * Writes manifest entries one after the other, as docs/FORMAT.md lays them out: type (1 byte), length of the body
 * (2 bytes), body; all numbers big-endian. Reused from segment to segment.
 */
public final class ManifestWriter {
    /** No manifest is longer, in bytes. A reader refuses one that claims to be. */
    public static final int MOST = 8 << 20;

    static final byte EPOCH = 1;
    static final byte FILE = 2;
    static final byte CHUNK = 3;
    static final byte FINGERPRINT = 4;
    static final byte GAP = 5;
    static final byte EVENT = 6;
    static final byte SEGMENT_GAP = 7;
    static final byte CLOCK = 8;
    static final byte POSITION = 9;

    /** Type and length of an entry. */
    private static final int HEAD = 3;

    static final int SEGMENT_GAP_FIELDS = 8 + 8 + 1 + 8 + 4 + 8 + 8 + 1 + 2;

    static final int CLOCK_FIELDS = 8 + 8 + 8 + 32;

    static final int MOST_NODE = Entry.Epoch.MOST_NODE;
    static final int MOST_GAP_DETAIL = 1024;
    static final int MOST_EVENT_DETAIL = 8192;

    /** Bytes that an {@link Entry.Clock} takes in a manifest. */
    public static final int CLOCK_LENGTH = HEAD + CLOCK_FIELDS;

    private ByteBuffer out = ByteBuffer.allocate(4096);

    public void clear() {
        out.clear();
    }

    /** Bytes written since {@link #clear()}. */
    public int length() {
        return out.position();
    }

    /** The bytes written so far; valid until the next write. */
    public ByteBuffer written() {
        return out.duplicate().flip();
    }

    /** A chunk, written without an object: this is the one entry that comes at the rate of reading. */
    public void chunk(int file, long from, int length) {
        begin(CHUNK, 16);
        out.putInt(file).putLong(from).putInt(length);
    }

    /** Overwrites the length of the last entry, which must be a chunk: the file's bytes went on without a break. */
    public void extendLastChunk(int length) {
        out.putInt(out.position() - 4, length);
    }

    public void write(Entry entry) {
        switch (entry) {
            case Entry.Epoch e -> {
                byte[] node = BoundedText.encode(e.node(), MOST_NODE);
                begin(
                        EPOCH,
                        1
                                + 4
                                + 32
                                + 64
                                + 2
                                + node.length
                                + Entry.Handover.LENGTH * e.handovers().size());
                out.put((byte) e.reason().code()).putInt(e.nextFile());
                e.identity().writeTo(out);
                e.signature().writeTo(out);
                BoundedText.write(node, out);
                for (Entry.Handover handover : e.handovers()) {
                    handover.identity().writeTo(out);
                    handover.signature().writeTo(out);
                }
            }
            case Entry.File e -> {
                begin(
                        FILE,
                        4
                                + FileIdentity.LENGTH
                                + 8
                                + 4
                                + 32
                                + 2
                                + e.source().length()
                                + 2
                                + e.path().length());
                out.putInt(e.file());
                FileIdentity identity = e.identity();
                out.putLong(identity.device()).putLong(identity.inode()).putLong(identity.birthNanos());
                out.putLong(e.offset());
                fingerprint(e.fingerprint());
                path(e.source());
                path(e.path());
            }
            case Entry.Chunk e -> chunk(e.file(), e.from(), e.length());
            case Entry.FingerprintTaken e -> {
                begin(FINGERPRINT, 4 + 4 + 32);
                out.putInt(e.file());
                fingerprint(e.fingerprint());
            }
            case Entry.Gap e -> {
                byte[] detail = BoundedText.encode(e.detail(), MOST_GAP_DETAIL);
                begin(GAP, 4 + 8 + 8 + 1 + 8 + 2 + detail.length);
                out.putInt(e.file()).putLong(e.from()).putLong(e.to());
                out.put((byte) e.cause().code()).putLong(e.wallNanos());
                BoundedText.write(detail, out);
            }
            case Entry.Event e -> {
                byte[] detail = BoundedText.encode(e.detail(), MOST_EVENT_DETAIL);
                begin(EVENT, 1 + 4 + 8 + 2 + detail.length);
                out.put((byte) e.kind().code()).putInt(e.file()).putLong(e.wallNanos());
                BoundedText.write(detail, out);
            }
            case Entry.Clock e -> {
                begin(CLOCK, CLOCK_FIELDS);
                out.putLong(e.offsetNanos()).putLong(e.uncertaintyNanos()).putLong(e.wallNanos());
                e.collector().writeTo(out);
            }
            case Entry.Position e -> {
                byte[] cursor = BoundedText.encode(e.cursor(), Entry.Position.MOST_CURSOR);
                begin(POSITION, 4 + 8 + 8 + 2 + cursor.length);
                out.putInt(e.file()).putLong(e.from()).putLong(e.to());
                BoundedText.write(cursor, out);
            }
            case Entry.SegmentGap e -> {
                begin(SEGMENT_GAP, lengthOf(e) - HEAD);
                out.putLong(e.first()).putLong(e.last());
                out.put((byte) e.cause().code()).putLong(e.wallNanos());
                out.putInt(e.file()).putLong(e.from()).putLong(e.to()).put((byte) (e.ended() ? 1 : 0));
                FilePath source = e.source();
                if (source == null) {
                    out.putShort((short) 0);
                } else {
                    path(source);
                }
            }
        }
    }

    /** Bytes that the entry takes in a manifest. */
    public static int lengthOf(Entry.SegmentGap gap) {
        FilePath source = gap.source();
        return HEAD + SEGMENT_GAP_FIELDS + (source == null ? 0 : source.length());
    }

    private void fingerprint(Fingerprint fingerprint) {
        out.putInt(fingerprint.length());
        fingerprint.sha256().writeTo(out);
    }

    private void path(FilePath path) {
        out.putShort((short) path.length());
        path.writeTo(out);
    }

    private void begin(byte type, int length) {
        int needed = out.position() + HEAD + length;
        if (needed > MOST) {
            throw new IllegalStateException("a manifest has at most " + MOST + " bytes, this one would have " + needed);
        }
        if (needed > out.capacity()) {
            out = ByteBuffer.allocate(Math.min(MOST, Math.max(needed, 2 * out.capacity())))
                    .put(out.flip());
        }
        out.put(type).putShort((short) length);
    }
}
