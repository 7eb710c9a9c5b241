package io.kiroku.evidence.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.Property;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RecordFrameTest {
    private static ByteBuffer frame(byte[] body, long number, long durable) {
        ByteBuffer out = ByteBuffer.allocate(RecordFrame.LENGTH);
        RecordFrame.write(out, ByteBuffer.wrap(body), number, durable);
        return out.flip();
    }

    @Test
    void theFrameIsWrittenAsDocumented() {
        // CRC-32C("123456789") is e3069283: RFC 3720's polynomial and the check value of the CRC catalogues.
        byte[] body = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
        assertThat(HexFormat.of().formatHex(frame(body, 5, 4).array()))
                .startsWith("4b524543" + "00000009" + "0000000000000005" + "0000000000000004" + "e3069283")
                .hasSize(64);
    }

    @Test
    void whatIsWrittenIsRead() {
        Property.holds(500, dice -> {
            byte[] body = dice.bytes(dice.below(100));
            long number = dice.number();
            long durable = dice.number();
            ByteBuffer out = ByteBuffer.allocate(7 + RecordFrame.LENGTH);
            ByteBuffer given = ByteBuffer.wrap(body);
            RecordFrame.write(out.position(7), given, number, durable);
            assertThat(given.remaining()).isEqualTo(body.length);
            RecordFrame.Head head = RecordFrame.read(out.position(7));
            assertThat(out.position()).isEqualTo(7);
            assertThat(head).isNotNull();
            if (head != null) {
                assertThat(head.bodyLength()).isEqualTo(body.length);
                assertThat(head.number()).isEqualTo(number);
                assertThat(head.durable()).isEqualTo(durable);
                assertThat(head.totalLength()).isEqualTo(32L + body.length);
                assertThat(head.matches(ByteBuffer.wrap(body))).isTrue();
            }
        });
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] body = {1, 2, 3};
        byte[] frame = frame(body, 7, 6).array();
        for (int bit = 0; bit < 8 * frame.length; bit++) {
            byte[] flipped = frame.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(RecordFrame.read(ByteBuffer.wrap(flipped)))
                    .as("bit %d", bit)
                    .isNull();
        }
        RecordFrame.Head head = RecordFrame.read(ByteBuffer.wrap(frame));
        assertThat(head).isNotNull();
        for (int bit = 0; bit < 8 * body.length && head != null; bit++) {
            byte[] flipped = body.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(head.matches(ByteBuffer.wrap(flipped))).as("bit %d", bit).isFalse();
        }
        assertThat(head != null && head.matches(ByteBuffer.wrap(new byte[] {1, 2})))
                .isFalse();
    }

    @Test
    void whatIsTooShortIsNoFrame() {
        ByteBuffer frame = frame(new byte[] {1}, 1, 0);
        for (int length = 0; length < RecordFrame.LENGTH; length++) {
            assertThat(RecordFrame.read(frame.slice(0, length))).isNull();
        }
    }

    @Test
    void zerosAreNoFrame() {
        assertThat(RecordFrame.read(ByteBuffer.allocate(64))).isNull();
    }
}
