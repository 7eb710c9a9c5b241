package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Bytes of an enemy: whatever they are, reading them gives a value or a {@link MalformedException}, and takes memory in
 * proportion to their number. {@code -Dkiroku.fuzz.seconds=N} makes each of the first tests last so long.
 */
class HostileTimestampsTest {
    private static final byte[] NOTE = StampedCheckpoint.note();
    private static final TrustAnchors ANCHORS = StampedCheckpoint.anchors();
    private static final TimestampRequest REQUEST = TimestampRequest.over(NOTE, 1);

    private interface Reading {
        void read(byte[] bytes) throws MalformedException;
    }

    private static void read(byte[] bytes, Reading reading) {
        try {
            reading.read(bytes);
        } catch (MalformedException malformed) {
            assertThat(malformed.getMessage()).contains("expected");
        }
    }

    private static void spoiled(byte[] valid, Reading reading) {
        Property.holdsForSomeTime(dice -> read(hostile(dice, valid), reading));
    }

    private static byte[] hostile(Dice dice, byte[] valid) {
        return dice.oneIn(10) ? dice.bytes(dice.below(200)) : dice.spoil(valid);
    }

    @Test
    void tokens() {
        spoiled(
                StampedCheckpoint.response(),
                bytes -> TimestampToken.parseEither(bytes).verify(NOTE, ANCHORS));
    }

    @Test
    void responses() {
        spoiled(
                StampedCheckpoint.response(),
                bytes -> assertThat(REQUEST.check(bytes)).isInstanceOf(TimestampAnswer.Refused.class));
    }

    @Test
    void records() {
        spoiled(
                StampedCheckpoint.record(),
                bytes -> EvidenceRecord.parse(bytes)
                        .verify(ArchivedData.of(NOTE), ANCHORS, Instant.parse("2030-01-01T00:00:00Z")));
    }

    @Test
    void certificates() {
        spoiled(StampedCheckpoint.ca(), TrustAnchors::parsePem);
    }

    @Test
    void valuesWithinValues() {
        byte[] deep = new byte[TimestampToken.MOST_BYTES];
        for (int i = 0; i + 5 < deep.length; i += 6) {
            int left = deep.length - i - 6;
            System.arraycopy(
                    new byte[] {0x30, (byte) 0x84, 0, (byte) (left >> 16), (byte) (left >> 8), (byte) left},
                    0,
                    deep,
                    i,
                    6);
        }
        assertThatThrownBy(() -> TimestampToken.parse(deep))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("expected at most 40 values within each other");
    }

    @Test
    void manySmallValues() {
        byte[] many = new byte[TimestampToken.MOST_BYTES];
        int left = many.length - 5;
        System.arraycopy(
                new byte[] {0x30, (byte) 0x83, (byte) (left >> 16), (byte) (left >> 8), (byte) left}, 0, many, 0, 5);
        for (int i = 5; i + 1 < many.length; i += 2) {
            many[i] = 5;
        }
        many[many.length - 3] = 4;
        many[many.length - 2] = 1;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        read(many, TimestampToken::parseEither);
        read(many, EvidenceRecord::parse);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(200L * many.length);
    }

    @Test
    void whatHasOtherLengths() {
        for (byte[] bytes : new byte[][] {
            {},
            {0x30},
            {0x30, (byte) 0x80, 0, 0},
            {0x30, 1, 5},
            {0x30, 0, 0},
            {0x30, (byte) 0x85, 0, 0, 0, 0, 0},
            {0x1f, 0},
            {0x30, (byte) 0x84, (byte) 0xff, 0, 0, 0},
            {0x30, 4, 4, 4, 0, 0}
        }) {
            assertThatThrownBy(() -> TimestampToken.parseEither(bytes))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageStartingWith("expected ");
        }
        assertThatThrownBy(() -> EvidenceRecord.parse(new byte[EvidenceRecord.MOST_BYTES + 1]))
                .hasMessageContaining("of at most 1048576 bytes, found 1048577");
        assertThatThrownBy(() -> TrustAnchors.parsePem(new byte[TrustAnchors.MOST_BYTES + 1]))
                .hasMessageContaining("of at most 1048576 bytes in PEM, found 1048577");
    }
}
