package io.kiroku.evidence.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.RandomEvidence;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentWriter.Link;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentTest {
    private static final byte[] SIGNATURE = new byte[64];

    private final SegmentWriter writer = new SegmentWriter(new CountedRandom("segment"));

    private static Link link(Dice dice) {
        return new Link(
                dice.octets(16),
                dice.numberFrom(1),
                dice.numberFrom(1),
                dice.octets(32),
                new Timestamp(dice.number(), dice.number()),
                dice.octets(16),
                dice.below(2),
                dice.octets(32),
                dice.octets(32));
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    @Test
    void whatIsSealedIsRead() {
        Property.holds(200, dice -> {
            Link link = link(dice);
            List<Entry> entries = new ArrayList<>();
            byte[] log = dice.oneIn(2) ? dice.log(dice.below(3000)) : dice.bytes(dice.below(3000));
            for (int at = 0; at < log.length; ) {
                int length = Math.min(log.length - at, dice.between(1, 1500));
                Entry.Chunk chunk = new Entry.Chunk(dice.between(1, 3), 2L * at, length);
                writer.raw().put(log, at, length);
                writer.captured(chunk.file(), chunk.from(), length);
                entries.add(chunk);
                at += length;
                if (dice.oneIn(2)) {
                    Entry other = new Entry.Event(Entry.EventKind.ROTATED, 1, dice.number(), dice.text(40));
                    writer.state(other);
                    entries.add(other);
                }
            }
            byte[] signature = dice.bytes(64);
            Segment segment = Segment.of(writer.seal(link, signed -> signature));
            SegmentHeader header = segment.header();

            assertThat(new Link(
                            header.stream(),
                            header.epoch(),
                            header.sequence(),
                            header.previous(),
                            header.sealed(),
                            header.bootId(),
                            header.flags(),
                            header.key(),
                            header.nextKey()))
                    .isEqualTo(link);
            assertThat(header.restates()).isEqualTo(link.flags() == 1);
            assertThat(header.signature()).isEqualTo(Octets.of(signature));
            assertThat(header.rawLength()).isEqualTo(log.length);
            assertThat(segment.entries()).isEqualTo(entries);
            assertThat(segment.manifestDigest()).isEqualTo(header.manifestDigest());
            assertThat(segment.payloadDigest()).isEqualTo(header.payloadDigest());
            assertThat(Scribe.log(copy(segment.bytes()))).isEqualTo(log);
        });
    }

    @Test
    void theSignerIsGivenTheHeaderAsItIsStored() throws MalformedException {
        writer.state(new Entry.Event(Entry.EventKind.AGENT_STARTED, 0, 1, ""));
        List<byte[]> given = new ArrayList<>();
        Segment segment = Segment.of(writer.seal(link(new Dice(1)), signed -> {
            given.add(signed.clone());
            return SIGNATURE;
        }));
        assertThat(given).containsExactly(copy(segment.signedBytes()));
        assertThat(copy(segment.headerBytes())).hasSize(SegmentHeader.LENGTH).startsWith(copy(segment.signedBytes()));
        assertThat(segment.hash()).isEqualTo(Sha256.of(segment.headerBytes()));
    }

    @Test
    void bytesOfOneFileThatFollowEachOtherAreOneChunk() throws MalformedException {
        writer.raw().put(new byte[70]);
        writer.captured(1, 0, 10);
        writer.captured(1, 10, 10);
        writer.captured(2, 20, 10);
        writer.captured(2, 31, 10);
        writer.captured(1, 20, 10);
        writer.state(new Entry.Event(Entry.EventKind.ROTATED, 1, 1, ""));
        writer.captured(1, 30, 20);
        Segment segment = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE));
        assertThat(segment.entries())
                .containsExactly(
                        new Entry.Chunk(1, 0, 20),
                        new Entry.Chunk(2, 20, 10),
                        new Entry.Chunk(2, 31, 10),
                        new Entry.Chunk(1, 20, 10),
                        new Entry.Event(Entry.EventKind.ROTATED, 1, 1, ""),
                        new Entry.Chunk(1, 30, 20));
    }

    @Test
    void theNextSegmentBeginsEmpty() throws MalformedException {
        writer.raw().put(new byte[10]);
        writer.captured(1, 0, 10);
        assertThat(writer.isEmpty()).isFalse();
        writer.seal(link(new Dice(1)), signed -> SIGNATURE);
        assertThat(writer.isEmpty()).isTrue();
        writer.raw().put(new byte[5]);
        writer.captured(1, 10, 5);
        Segment second = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE));
        assertThat(second.entries()).containsExactly(new Entry.Chunk(1, 10, 5));
        Segment empty = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE));
        assertThat(empty.entries()).isEmpty();
        assertThat(empty.length()).isEqualTo(SegmentFormat.LEAST_SEGMENT);
        assertThat(Scribe.log(copy(empty.bytes()))).isEmpty();
    }

    @Test
    void everySegmentHasItsOwnSalt() throws MalformedException {
        Octets first = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE))
                .header()
                .payloadDigest();
        Octets second = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE))
                .header()
                .payloadDigest();
        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void aFullSegmentWithTheLongestManifestIsWithinTheBounds() throws MalformedException {
        byte[] log = new Dice(3).bytes(SegmentWriter.RAW_CAPACITY);
        writer.raw().put(log);
        writer.captured(1, 0, log.length);
        while (writer.manifestLength() < SegmentFormat.MOST_MANIFEST - 8300) {
            writer.state(new Entry.Event(Entry.EventKind.ROTATED, 1, 1, "x".repeat(8000)));
        }
        Segment segment = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE));
        assertThat(segment.length()).isLessThanOrEqualTo(SegmentFormat.MOST_SEGMENT);
        assertThat(segment.payloadDigest()).isEqualTo(segment.header().payloadDigest());
        assertThat(Scribe.log(copy(segment.bytes()))).isEqualTo(log);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void aChunkOfNothingIsRefused(int length) {
        assertThatThrownBy(() -> writer.captured(1, 0, length))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one byte");
    }

    @Test
    void logBytesThatNoChunkNamesAreNotSealed() throws MalformedException {
        writer.raw().put(new byte[10]);
        writer.captured(1, 0, 9);
        assertThatThrownBy(() -> writer.seal(link(new Dice(1)), signed -> SIGNATURE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the chunks have 9 bytes, the log 10");
        writer.captured(1, 9, 1);
        Segment segment = Segment.of(writer.seal(link(new Dice(1)), signed -> SIGNATURE));
        assertThat(segment.entries()).containsExactly(new Entry.Chunk(1, 0, 10));
    }

    @Test
    void aSegmentIsReadFromWhereverItLies() throws MalformedException {
        byte[] sealed = Scribe.begun("somewhere")
                .state(Scribe.file(1, 0))
                .chunk(1, 0, "log\n")
                .seal();
        ByteBuffer direct = ByteBuffer.allocateDirect(sealed.length + 20);
        direct.position(7).put(sealed).flip().position(7);
        Segment segment = Segment.of(direct);
        assertThat(copy(segment.bytes())).isEqualTo(sealed);
        assertThat(segment.payloadDigest()).isEqualTo(segment.header().payloadDigest());
        ByteBuffer log = ByteBuffer.allocateDirect(10).position(3);
        segment.decompress(log);
        assertThat(log.position()).isEqualTo(7);
        assertThat(log.get(3)).isEqualTo((byte) 'l');
    }

    @Test
    void aSegmentCutShortOrGrownIsRefusedAtEveryLength() {
        byte[] sealed = Scribe.begun("cut")
                .state(Scribe.file(1, 0))
                .chunk(1, 0, "log\n")
                .seal();
        for (int length = 0; length < sealed.length + 50; length++) {
            if (length == sealed.length) {
                continue;
            }
            byte[] other = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> Segment.of(ByteBuffer.wrap(other)))
                    .as("%d of %d bytes", length, sealed.length)
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("segment: expected");
        }
    }

    @Test
    void theSkippableFramesMustBeWhatTheHeaderSays() {
        byte[] sealed = Scribe.begun("frames").state(Scribe.file(1, 0)).seal();
        int salt = SegmentFormat.MANIFEST_AT + Scribe.segment(sealed).header().manifestLength();
        for (int at : new int[] {0, 1, 2, 3, 4, 5, 6, 7, salt, salt + 3, salt + 4, salt + 7}) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() -> Segment.of(ByteBuffer.wrap(changed)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("segment: expected a skippable frame");
        }
    }

    @Test
    void readingRandomManifestsThroughASegment() {
        Property.holds(100, dice -> {
            List<Entry> entries = RandomEvidence.entries(dice, 20).stream()
                    .filter(entry -> !(entry instanceof Entry.Chunk))
                    .toList();
            entries.forEach(writer::state);
            Segment segment = Segment.of(writer.seal(link(dice), signed -> SIGNATURE));
            assertThat(segment.entries()).isEqualTo(entries);
        });
    }
}
