package io.kiroku.evidence.wire;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.BoundedText;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.SegmentFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames as bytes: length of what follows (4 bytes), type (1 byte), body; all numbers big-endian. Whoever reads from a
 * connection cuts by the length, refuses one above {@link #MOST_FROM_AGENT} or {@link #MOST_FROM_COLLECTOR} before he
 * waits for its bytes, and hands over type and body.
 */
public final class FrameCodec {
    /** No frame from an agent is longer, without its length field. */
    public static final int MOST_FROM_AGENT = 1 + SegmentFormat.MOST_SEGMENT;

    /** No frame from a collector is longer, without its length field. */
    public static final int MOST_FROM_COLLECTOR = 32 << 10;

    /** No request for a certificate is longer, without its length field. */
    public static final int MOST_ENROL =
            1 + 6 + 2 + 16 + 2 + 253 + 1 + 2 + Frame.Enrol.MOST_SECRET + 2 + Frame.Enrol.MOST_REQUEST;

    /** Bytes before a segment in its frame: length and type. */
    public static final int SEGMENT_PREFIX = 5;

    private static final byte[] MAGIC = "KIROKU".getBytes(StandardCharsets.US_ASCII);
    private static final byte HELLO = 1;
    private static final byte WELCOME = 2;
    private static final byte SEGMENT = 3;
    private static final byte RECEIPT = 4;
    private static final byte REFUSAL = 5;

    /** The type of a request for a certificate, by which a receiver knows it before it is whole. */
    public static final byte ENROL = 6;

    private static final byte CERTIFICATE = 7;
    private static final int MOST_NODE = 253;
    private static final int MOST_SOFTWARE = 64;
    private static final int MOST_SENTENCE = 1024;

    private static final int WELCOME_FIELDS = 32 + 8 + 8 + 32 + 8 + 4 + 2;

    /** How the end of a stream is written of which the collector has nothing. */
    private static final Frame.Head NOTHING = new Frame.Head(0, Octets.zero(32), 0, 1, List.of());

    private FrameCodec() {}

    /** The length and type that precede a segment of so many bytes, so that the segment itself need not be copied. */
    public static byte[] segmentPrefix(int segmentLength) {
        return ByteBuffer.allocate(SEGMENT_PREFIX)
                .putInt(1 + segmentLength)
                .put(SEGMENT)
                .array();
    }

    /** The whole frame, length first. */
    public static ByteBuffer encode(Frame frame) {
        return switch (frame) {
            case Frame.Hello f -> {
                byte[] node = BoundedText.encode(f.node(), MOST_NODE);
                byte[] software = BoundedText.encode(f.software(), MOST_SOFTWARE);
                ByteBuffer out = begin(HELLO, 6 + 2 + 16 + 2 + node.length + 2 + software.length);
                out.put(MAGIC).putShort((short) f.version());
                f.stream().writeTo(out);
                BoundedText.write(node, out);
                BoundedText.write(software, out);
                yield out.flip();
            }
            case Frame.Welcome f -> {
                Frame.Head head = f.head() == null ? NOTHING : f.head();
                ByteBuffer out =
                        begin(WELCOME, WELCOME_FIELDS + 16 * head.undeclared().size());
                f.collector().writeTo(out);
                out.putLong(f.wallNanos());
                out.putLong(head.sequence());
                head.hash().writeTo(out);
                out.putLong(head.epoch()).putInt(head.nextFile());
                out.putShort((short) head.undeclared().size());
                head.undeclared().forEach(range -> out.putLong(range.first()).putLong(range.last()));
                yield out.flip();
            }
            case Frame.SegmentFrame f -> {
                ByteBuffer bytes = f.bytes().duplicate();
                yield begin(SEGMENT, bytes.remaining()).put(bytes).flip();
            }
            case Frame.Receipt f -> {
                ByteBuffer out = begin(RECEIPT, Receipts.SIGNED + 64);
                f.stream().writeTo(out);
                out.putLong(f.sequence());
                f.hash().writeTo(out);
                out.putLong(f.index()).putLong(f.tree().size());
                f.tree().root().writeTo(out);
                out.putLong(f.wallNanos());
                f.signature().writeTo(out);
                yield out.flip();
            }
            case Frame.Refusal f -> {
                byte[] sentence = BoundedText.encode(f.sentence(), MOST_SENTENCE);
                ByteBuffer out = begin(REFUSAL, 1 + 8 + 2 + sentence.length);
                out.put((byte) f.code().code()).putLong(f.sequence());
                BoundedText.write(sentence, out);
                yield out.flip();
            }
            case Frame.Enrol f -> enrol(f);
            case Frame.Certificate f -> certificate(f);
        };
    }

    private static ByteBuffer enrol(Frame.Enrol f) {
        byte[] node = BoundedText.encode(f.node(), MOST_NODE);
        byte[] secret = BoundedText.encode(f.secret(), Frame.Enrol.MOST_SECRET);
        ByteBuffer out = begin(
                ENROL,
                MAGIC.length
                        + 2
                        + 16
                        + 2
                        + node.length
                        + 1
                        + 2
                        + secret.length
                        + 2
                        + f.request().length());
        out.put(MAGIC).putShort((short) f.version());
        f.stream().writeTo(out);
        BoundedText.write(node, out);
        out.put((byte) f.proof().code());
        BoundedText.write(secret, out);
        write(f.request(), out);
        return out.flip();
    }

    private static ByteBuffer certificate(Frame.Certificate f) {
        int length = 2 + f.certificate().length() + 1;
        for (Octets authority : f.authorities()) {
            length += 2 + authority.length();
        }
        ByteBuffer out = begin(CERTIFICATE, length);
        write(f.certificate(), out);
        out.put((byte) f.authorities().size());
        f.authorities().forEach(authority -> write(authority, out));
        return out.flip();
    }

    private static void write(Octets bytes, ByteBuffer out) {
        out.putShort((short) bytes.length());
        bytes.writeTo(out);
    }

    /**
     * Reads a frame whose length field has been cut off: the buffer's remaining bytes are its type and body.
     *
     * @throws MalformedException if they are no frame
     */
    public static Frame decode(ByteBuffer frame) throws MalformedException {
        ByteBuffer in = frame.slice();
        require(in, 1, "a frame's type");
        byte type = in.get();
        Frame decoded = switch (type) {
            case HELLO -> hello(in);
            case WELCOME -> welcome(in);
            case SEGMENT -> segment(in);
            case RECEIPT -> receipt(in);
            case REFUSAL -> refusal(in);
            case ENROL -> enrol(in);
            case CERTIFICATE -> certificate(in);
            default ->
                throw new MalformedException("frame: expected a type from 1 to 7, found " + Byte.toUnsignedInt(type));
        };
        if (in.hasRemaining()) {
            throw new MalformedException("frame: expected its end, found %d more bytes".formatted(in.remaining()));
        }
        return decoded;
    }

    private static Frame hello(ByteBuffer in) throws MalformedException {
        require(in, MAGIC.length + 2 + 16, "a greeting");
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new MalformedException("frame: expected a greeting that begins with KIROKU, found other bytes");
        }
        int version = Short.toUnsignedInt(in.getShort());
        Octets stream = Octets.take(in, 16);
        String node = BoundedText.read(in, MOST_NODE);
        if (node.isEmpty()) {
            throw new MalformedException("frame: expected the node's name in the greeting, found none");
        }
        return new Frame.Hello(version, stream, node, BoundedText.read(in, MOST_SOFTWARE));
    }

    private static Frame welcome(ByteBuffer in) throws MalformedException {
        require(in, WELCOME_FIELDS, "an answer to the greeting");
        Octets collector = Octets.take(in, 32);
        long wallNanos = in.getLong();
        Frame.Head head = new Frame.Head(in.getLong(), Octets.take(in, 32), in.getLong(), in.getInt(), ranges(in));
        if (head.sequence() == 0
                ? !head.equals(NOTHING)
                : head.sequence() < 0 || head.epoch() < 1 || head.nextFile() < 1) {
            throw new MalformedException(
                    "frame: expected the end of a stream, found sequence %d, epoch %d, next file %d"
                            .formatted(head.sequence(), head.epoch(), head.nextFile()));
        }
        return new Frame.Welcome(collector, wallNanos, head.sequence() == 0 ? null : head);
    }

    private static List<LostSegments.Range> ranges(ByteBuffer in) throws MalformedException {
        int count = Short.toUnsignedInt(in.getShort());
        if (count > Frame.Head.MOST_UNDECLARED) {
            throw new MalformedException("frame: expected at most %d ranges of segments, found %d"
                    .formatted(Frame.Head.MOST_UNDECLARED, count));
        }
        require(in, 16 * count, "ranges of segments");
        List<LostSegments.Range> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LostSegments.Range range = new LostSegments.Range(in.getLong(), in.getLong());
            if (range.first() < 1 || range.last() < range.first()) {
                throw new MalformedException("frame: expected a range of sequences from 1, found %d to %d"
                        .formatted(range.first(), range.last()));
            }
            ranges.add(range);
        }
        return ranges;
    }

    private static Frame segment(ByteBuffer in) {
        ByteBuffer bytes = in.slice();
        in.position(in.limit());
        return new Frame.SegmentFrame(bytes);
    }

    private static Frame receipt(ByteBuffer in) throws MalformedException {
        require(in, Receipts.SIGNED + 64, "a receipt");
        return new Frame.Receipt(
                Octets.take(in, 16),
                in.getLong(),
                Octets.take(in, 32),
                in.getLong(),
                new TreeHead(in.getLong(), Octets.take(in, 32)),
                in.getLong(),
                Octets.take(in, 64));
    }

    private static Frame refusal(ByteBuffer in) throws MalformedException {
        require(in, 1 + 8, "a refusal");
        int code = Byte.toUnsignedInt(in.get());
        for (Frame.RefusalCode known : Frame.RefusalCode.values()) {
            if (known.code() == code) {
                return new Frame.Refusal(known, in.getLong(), BoundedText.read(in, MOST_SENTENCE));
            }
        }
        throw new MalformedException("frame: expected a refusal's code below %d, found %d"
                .formatted(Frame.RefusalCode.values().length, code));
    }

    private static Frame enrol(ByteBuffer in) throws MalformedException {
        // It begins as a greeting does.
        require(in, MAGIC.length + 2 + 16, "a request for a certificate");
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new MalformedException("frame: expected a request that begins with KIROKU, found other bytes");
        }
        int version = Short.toUnsignedInt(in.getShort());
        Octets stream = Octets.take(in, 16);
        String node = BoundedText.read(in, MOST_NODE);
        if (node.isEmpty()) {
            throw new MalformedException("frame: expected the node's name in the request, found none");
        }
        require(in, 1, "the kind of a proof");
        int kind = Byte.toUnsignedInt(in.get());
        for (Frame.Proof known : Frame.Proof.values()) {
            if (known.code() == kind) {
                return new Frame.Enrol(
                        version,
                        stream,
                        node,
                        known,
                        BoundedText.read(in, Frame.Enrol.MOST_SECRET),
                        bytes(in, Frame.Enrol.MOST_REQUEST, "a request"));
            }
        }
        throw new MalformedException(
                "frame: expected a kind of proof below %d, found %d".formatted(Frame.Proof.values().length, kind));
    }

    private static Frame certificate(ByteBuffer in) throws MalformedException {
        Octets certificate = bytes(in, Frame.Certificate.MOST_CERTIFICATE, "a certificate");
        require(in, 1, "the number of authorities");
        int count = Byte.toUnsignedInt(in.get());
        if (count < 1 || count > Frame.Certificate.MOST_AUTHORITIES) {
            throw new MalformedException("frame: expected 1 to %d authorities, found %d"
                    .formatted(Frame.Certificate.MOST_AUTHORITIES, count));
        }
        List<Octets> authorities = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            authorities.add(bytes(in, Frame.Certificate.MOST_CERTIFICATE, "an authority"));
        }
        return new Frame.Certificate(certificate, authorities);
    }

    private static Octets bytes(ByteBuffer in, int most, String what) throws MalformedException {
        require(in, 2, "the length of " + what);
        int length = Short.toUnsignedInt(in.getShort());
        if (length < 1 || length > most) {
            throw new MalformedException("frame: expected %s of 1 to %d bytes, found %d".formatted(what, most, length));
        }
        require(in, length, what);
        return Octets.take(in, length);
    }

    private static void require(ByteBuffer in, int length, String what) throws MalformedException {
        if (in.remaining() < length) {
            throw new MalformedException(
                    "frame: expected %s of %d bytes, found %d".formatted(what, length, in.remaining()));
        }
    }

    private static ByteBuffer begin(byte type, int length) {
        return ByteBuffer.allocate(4 + 1 + length).putInt(1 + length).put(type);
    }
}
