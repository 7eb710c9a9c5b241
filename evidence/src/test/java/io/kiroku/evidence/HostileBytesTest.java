package io.kiroku.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestReader;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.Verifier;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Bytes of an enemy: whatever they are, reading them gives a value or a {@link MalformedException}, and takes no more
 * memory than their number justifies. {@code -Dkiroku.fuzz.seconds=N} makes each of these tests last so long.
 */
class HostileBytesTest {
    /** What reading may allocate whatever the bytes: a sentence and its formatting. */
    private static final long FREE = 200_000;

    /** What reading may allocate for each byte that it was given. */
    private static final long PER_BYTE = 60;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private interface Reading {
        void read() throws MalformedException;
    }

    /** Any other exception goes through and fails the test. What loading a class took is not there the second time. */
    private static void read(int length, Reading reading) {
        long most = FREE + PER_BYTE * length;
        if (allocatedBy(reading) > most) {
            assertThat(allocatedBy(reading))
                    .as("bytes allocated to read %d bytes", length)
                    .isLessThanOrEqualTo(most);
        }
    }

    private static long allocatedBy(Reading reading) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        String sentence = "expected";
        try {
            reading.read();
        } catch (MalformedException malformed) {
            sentence = String.valueOf(malformed.getMessage());
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(sentence).contains("expected");
        return allocated;
    }

    /** The bytes, in a buffer on or outside the heap, with others around them. */
    private static ByteBuffer placed(Dice dice, byte[] bytes) {
        int before = dice.below(9);
        int capacity = before + bytes.length + dice.below(9);
        ByteBuffer buffer = dice.oneIn(2) ? ByteBuffer.allocate(capacity) : ByteBuffer.allocateDirect(capacity);
        return buffer.position(before).put(bytes).limit(before + bytes.length).position(before);
    }

    private static byte[] segment(Dice dice) {
        Scribe scribe = new Scribe("hostile");
        scribe.vouch(Entry.EpochReason.FIRST).state(Scribe.file(1, 0));
        for (int i = dice.below(3); i > 0; i--) {
            Entry entry = RandomEvidence.entry(dice);
            if (!(entry instanceof Entry.Chunk)) {
                scribe.state(entry);
            }
        }
        if (dice.oneIn(2)) {
            scribe.chunk(1, 0, dice.log(dice.between(1, 2000)));
        }
        return scribe.seal(dice.oneIn(2));
    }

    @Test
    void manifests() {
        Property.holdsForSomeTime(dice -> {
            byte[] bytes = dice.oneIn(4)
                    ? dice.bytes(dice.below(300))
                    : dice.spoil(RandomEvidence.manifest(RandomEvidence.entries(dice, 5)));
            ByteBuffer manifest = placed(dice, bytes);
            read(bytes.length, () -> ManifestReader.read(manifest));
        });
    }

    /** The cheapest entries, as many as there is room for: the most objects for the fewest bytes. */
    @Test
    void longManifests() {
        Property.holds(6, dice -> {
            Entry entry = RandomEvidence.entry(dice);
            byte[] one = RandomEvidence.manifest(List.of(dice.oneIn(2) ? new Entry.Chunk(1, 0, 1) : entry));
            ByteBuffer many = ByteBuffer.allocate(1 << 20);
            while (many.remaining() > one.length) {
                many.put(one);
            }
            many.flip();
            read(many.remaining(), () -> ManifestReader.read(many));
        });
    }

    @Test
    void frames() {
        Property.holdsForSomeTime(dice -> {
            ByteBuffer encoded = FrameCodec.encode(RandomEvidence.frame(dice)).position(4);
            byte[] valid = new byte[encoded.remaining()];
            encoded.get(valid);
            byte[] bytes = dice.oneIn(5) ? dice.bytes(dice.below(200)) : dice.spoil(valid);
            ByteBuffer frame = placed(dice, bytes);
            read(bytes.length, () -> {
                Frame decoded = FrameCodec.decode(frame);
                assertThat(FrameCodec.encode(decoded).remaining()).isGreaterThan(4);
            });
        });
    }

    @Test
    void headers() {
        Property.holdsForSomeTime(dice -> {
            byte[] valid = new byte[SegmentHeader.LENGTH];
            Scribe.segment(segment(dice)).headerBytes().get(valid);
            byte[] bytes = dice.oneIn(5) ? dice.bytes(dice.below(400)) : dice.spoil(valid);
            ByteBuffer header = placed(dice, bytes);
            read(bytes.length, () -> SegmentHeader.read(header));
        });
    }

    @Test
    void segments() {
        Property.holdsForSomeTime(dice -> {
            byte[] bytes = dice.oneIn(10) ? dice.bytes(dice.below(1000)) : dice.spoil(segment(dice));
            readSegment(dice, bytes);
        });
    }

    /** Behind a valid signature, digests and lengths: what a node that is itself the enemy can send. */
    @Test
    void signedSegments() {
        Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
        Property.holdsForSomeTime(dice -> {
            byte[] valid = segment(dice);
            SegmentHeader header = Scribe.segment(valid).header();
            byte[] manifest = cut(valid, SegmentFormat.MANIFEST_AT, header.manifestLength());
            byte[] payload = cut(valid, valid.length - header.payloadLength(), header.payloadLength());
            byte[] hostile = sign(
                    dice,
                    header,
                    dice.oneIn(2) ? manifest : dice.spoil(manifest),
                    dice.oneIn(2) ? payload : dice.spoil(payload));
            readSegment(dice, hostile);
            verifier.segment(new Location("enemy", 0, hostile.length), placed(dice, hostile));
        });
        assertThat(verifier.report().integrity().holds()).isFalse();
    }

    private static void readSegment(Dice dice, byte[] bytes) {
        ByteBuffer stored = placed(dice, bytes);
        read(bytes.length, () -> {
            Segment segment = Segment.of(stored);
            assertThat(segment.length()).isEqualTo(bytes.length);
        });
        read(bytes.length, () -> Segment.of(stored).entries());
        read(bytes.length, () -> {
            Segment segment = Segment.of(stored);
            int rawLength = segment.header().rawLength();
            ByteBuffer raw = ByteBuffer.allocateDirect(rawLength + 64);
            segment.decompress(raw);
            assertThat(raw.position()).isEqualTo(rawLength);
        });
        read(
                bytes.length,
                () -> assertThat(new SegmentCheck().check(Segment.of(stored))).isNotNull());
    }

    private static byte[] cut(byte[] bytes, int from, int length) {
        byte[] part = new byte[length];
        System.arraycopy(bytes, from, part, 0, length);
        return part;
    }

    private static byte[] sign(Dice dice, SegmentHeader header, byte[] manifest, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(SegmentFormat.OVERHEAD + manifest.length + payload.length);
        frame(out, 0, 0x184D2A50, SegmentHeader.LENGTH + manifest.length);
        out.put(SegmentFormat.MANIFEST_AT, manifest);
        int salt = SegmentFormat.MANIFEST_AT + manifest.length + 8;
        frame(out, salt - 8, 0x184D2A51, 32);
        out.put(salt + 32, payload);
        SigningKey key = SigningKey.of(dice.bytes(32));
        int rawLength = dice.oneIn(4) ? dice.below(SegmentHeader.MOST_RAW + 1) : header.rawLength();
        ByteBuffer head = out.slice(SegmentFormat.HEADER_AT, SegmentHeader.LENGTH);
        head.put(new byte[] {'K', 'I', 'R', 'O', 'K', 'U', 0, 1});
        header.stream().writeTo(head);
        head.putLong(dice.numberFrom(1)).putLong(dice.numberFrom(1));
        header.previous().writeTo(head);
        head.putLong(dice.number()).putLong(dice.number()).position(104);
        head.putInt(manifest.length).putInt(payload.length).putInt(rawLength).putInt(dice.below(2));
        Sha256.of(ByteBuffer.wrap(manifest)).writeTo(head);
        Sha256.of(out.slice(salt, 32 + payload.length)).writeTo(head);
        key.publicKey().writeTo(head);
        header.nextKey().writeTo(head);
        head.put(key.sign(cut(out.array(), SegmentFormat.HEADER_AT, SegmentHeader.SIGNED_LENGTH)));
        return out.array();
    }

    private static void frame(ByteBuffer out, int at, int magic, int length) {
        ByteBuffer little = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        little.putInt(at, magic).putInt(at + 4, length);
    }
}
