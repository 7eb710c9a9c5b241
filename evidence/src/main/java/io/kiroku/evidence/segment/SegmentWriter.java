package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.ManifestWriter;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Builds segments, one after the other, in buffers of its own. Log bytes are read from the kernel straight into
 * {@link #raw()}, compressed from there into the finished segment, and touched no more.
 */
public final class SegmentWriter {
    /** A segment is sealed when it holds so many bytes of log; smaller than what a reader must accept. */
    public static final int RAW_CAPACITY = 1 << 20;

    /** What goes into a header besides what the writer knows itself. */
    public record Link(
            Octets stream,
            long epoch,
            long sequence,
            Octets previous,
            Timestamp sealed,
            Octets bootId,
            int flags,
            Octets key,
            Octets nextKey) {}

    /** Makes the 64-byte signature over the bytes that a header has before it. */
    public interface Signer {
        byte[] sign(byte[] signed);
    }

    private final ByteBuffer raw;
    private final ManifestWriter preface = new ManifestWriter();
    private final ManifestWriter manifest = new ManifestWriter();
    private final SecureRandom random;
    private final byte[] salt = new byte[SegmentFormat.SALT_LENGTH];
    private final byte[] signed = new byte[SegmentHeader.SIGNED_LENGTH];
    private final Sha256 sha256 = new Sha256();
    private ByteBuffer out;

    private int chunkFile;
    private long chunkTo;
    private int chunkLength;
    private int captured;

    /** @param random where salts come from; seeded in a simulation only */
    public SegmentWriter(SecureRandom random) {
        this(random, RAW_CAPACITY);
    }

    /** @param rawCapacity bytes of log that a segment may hold, at most {@link #RAW_CAPACITY} */
    public SegmentWriter(SecureRandom random, int rawCapacity) {
        this.random = random;
        this.raw = ByteBuffer.allocateDirect(rawCapacity);
        this.out = ByteBuffer.allocateDirect(
                SegmentFormat.OVERHEAD + Lz4Frame.roomToWrite(rawCapacity) + rawCapacity / 16);
    }

    /** The direct buffer for log bytes: fill behind its position, then say which with {@link #captured}. */
    public ByteBuffer raw() {
        return raw;
    }

    /** Says that the last {@code length} bytes put into {@link #raw()} lie at {@code from} in the file. */
    public void captured(int file, long from, int length) {
        if (length < 1) {
            throw new IllegalArgumentException("a chunk has at least one byte, this one " + length);
        }
        captured += length;
        if (file == chunkFile && from == chunkTo) {
            chunkLength += length;
            manifest.extendLastChunk(chunkLength);
        } else {
            manifest.chunk(file, from, length);
            chunkFile = file;
            chunkLength = length;
        }
        chunkTo = from + length;
    }

    /** An entry that comes before all others: who vouches for the key, and where reading stood. */
    public void preface(Entry entry) {
        preface.write(entry);
    }

    /** Takes back what was given to {@link #preface} since the last seal. */
    public void clearPreface() {
        preface.clear();
    }

    /** Any other entry than a chunk. */
    public void state(Entry entry) {
        manifest.write(entry);
        chunkFile = 0;
    }

    /** True if neither log bytes nor entries were given since the last seal. */
    public boolean isEmpty() {
        return raw.position() == 0 && manifestLength() == 0;
    }

    /** Bytes of the manifest so far. */
    public int manifestLength() {
        return preface.length() + manifest.length();
    }

    /** The segment that {@link #seal} would make now has at most so many bytes. */
    public int mostSealed() {
        return SegmentFormat.OVERHEAD + manifestLength() + Lz4Frame.mostStored(raw.position());
    }

    /**
     * Finishes the segment and starts the next one.
     *
     * @return the whole segment; valid until the next call of this method
     */
    public ByteBuffer seal(Link link, Signer signer) {
        if (captured != raw.position()) {
            throw new IllegalStateException("the chunks have %d bytes, the log %d".formatted(captured, raw.position()));
        }
        ByteBuffer log = raw.flip();
        int manifestLength = manifestLength();
        reserve(SegmentFormat.OVERHEAD + manifestLength + Lz4Frame.roomToWrite(log.remaining()));
        int rawLength = log.remaining();

        skippable(0, SegmentFormat.HEAD_MAGIC, SegmentHeader.LENGTH + manifestLength);
        out.position(SegmentFormat.MANIFEST_AT).put(preface.written()).put(manifest.written());
        Octets manifestDigest = sha256.update(out.slice(SegmentFormat.MANIFEST_AT, manifestLength))
                .finish();
        skippable(out.position(), SegmentFormat.SALT_MAGIC, SegmentFormat.SALT_LENGTH);
        int salted = out.position();
        random.nextBytes(salt);
        out.put(salt);
        int payload = out.position();
        Lz4Frame.write(log, out);
        out.limit(out.position());
        Octets payloadDigest =
                sha256.update(out.slice(salted, out.limit() - salted)).finish();

        SegmentHeader unsigned = new SegmentHeader(
                link.stream(),
                link.epoch(),
                link.sequence(),
                link.previous(),
                link.sealed(),
                link.bootId(),
                manifestLength,
                out.limit() - payload,
                rawLength,
                link.flags(),
                manifestDigest,
                payloadDigest,
                link.key(),
                link.nextKey(),
                Octets.zero(64));
        out.position(SegmentFormat.HEADER_AT);
        unsigned.writeSigned(out);
        out.get(SegmentFormat.HEADER_AT, signed);
        out.put(signer.sign(signed));

        raw.clear();
        preface.clear();
        manifest.clear();
        chunkFile = 0;
        captured = 0;
        return out.position(0);
    }

    private void reserve(int length) {
        if (length > out.capacity()) {
            out = ByteBuffer.allocateDirect(length);
        }
        out.clear();
    }

    private void skippable(int at, int magic, int length) {
        out.order(ByteOrder.LITTLE_ENDIAN);
        out.position(at).putInt(magic).putInt(length);
        out.order(ByteOrder.BIG_ENDIAN);
    }
}
