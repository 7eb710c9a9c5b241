package io.kiroku.evidence.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Timestamp;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentHeaderTest {
    private static SegmentHeader header(Dice dice) {
        return new SegmentHeader(
                dice.octets(16),
                dice.numberFrom(1),
                dice.numberFrom(1),
                dice.octets(32),
                new Timestamp(dice.number(), dice.number()),
                dice.octets(16),
                dice.below(SegmentFormat.MOST_MANIFEST + 1),
                dice.between(Lz4Frame.OVERHEAD, SegmentFormat.MOST_PAYLOAD),
                dice.below(SegmentHeader.MOST_RAW + 1),
                dice.below(2),
                dice.octets(32),
                dice.octets(32),
                dice.octets(32),
                dice.octets(32),
                dice.octets(64));
    }

    private static ByteBuffer bytes(SegmentHeader header) {
        ByteBuffer out = ByteBuffer.allocate(SegmentHeader.LENGTH);
        header.writeSigned(out);
        assertThat(out.position()).isEqualTo(SegmentHeader.SIGNED_LENGTH);
        header.signature().writeTo(out);
        return out.flip();
    }

    @Test
    void whatIsWrittenIsRead() {
        Property.holds(1000, dice -> {
            SegmentHeader header = header(dice);
            ByteBuffer bytes = bytes(header);
            assertThat(SegmentHeader.read(bytes)).isEqualTo(header);
            assertThat(bytes.hasRemaining()).isFalse();
        });
    }

    @Test
    void theSizesAreThoseOfTheFormat() {
        assertThat(SegmentHeader.LENGTH).isEqualTo(312);
        assertThat(SegmentHeader.SIGNED_LENGTH).isEqualTo(248);
        assertThat(SegmentFormat.MANIFEST_AT).isEqualTo(320);
        assertThat(SegmentFormat.OVERHEAD).isEqualTo(360);
        assertThat(SegmentFormat.LEAST_SEGMENT).isEqualTo(379);
        assertThat(SegmentFormat.MOST_PAYLOAD).isEqualTo(4_194_339);
        assertThat(SegmentFormat.MOST_SEGMENT).isEqualTo(12_583_307);
    }

    @ParameterizedTest(name = "{1} at {0}")
    @CsvSource(delimiter = '|', textBlock = """
              0 |       4b49524f4b55 |
              0 |       6b | expected it to begin with KIROKU
              5 |       56 | expected it to begin with KIROKU
              6 |     0000 | expected version 1, found 0
              6 |     0002 | expected version 1, found 2
              6 |     0100 | expected version 1, found 256
             24 | 0000000000000000 | expected an epoch from 1, found 0
             24 | ffffffffffffffff | expected an epoch from 1, found -1
             32 | 0000000000000000 | expected a sequence from 1, found 0
             32 | 8000000000000000 | expected a sequence from 1, found -9223372036854775808
            104 | 00800000 |
            104 | 00800001 | expected a manifest of 0 to 8388608 bytes, found 8388609
            104 | ffffffff | expected a manifest of 0 to 8388608 bytes, found -1
            108 | 00000013 |
            108 | 00000012 | expected a payload of 19 to 4194339 bytes, found 18
            108 | 00400023 |
            108 | 00400024 | expected a payload of 19 to 4194339 bytes, found 4194340
            108 | 80000013 | expected a payload of 19 to 4194339 bytes, found -2147483629
            112 | 00400000 |
            112 | 00400001 | expected 0 to 4194304 bytes of log, found 4194305
            112 | ffffffff | expected 0 to 4194304 bytes of log, found -1
            116 | 00000001 |
            116 | 00000002 | expected no flags but 1, found 2
            116 | 80000000 | expected no flags but 1, found -2147483648
        """)
    void everyNumberIsBounded(int at, String hex, String sentence) throws MalformedException {
        ByteBuffer bytes = bytes(header(new Dice(1)));
        byte[] changed = io.kiroku.evidence.record.Octets.parse(hex).toArray();
        bytes.put(at, changed);
        if (sentence == null) {
            assertThat(SegmentHeader.read(bytes)).isNotNull();
        } else {
            assertThatThrownBy(() -> SegmentHeader.read(bytes))
                    .isInstanceOf(MalformedException.class)
                    .hasMessage("header: " + sentence + (sentence.endsWith("KIROKU") ? ", found other bytes" : ""));
        }
    }

    @Test
    void aHeaderCutShortIsRefusedAtEveryLength() {
        ByteBuffer whole = bytes(header(new Dice(2)));
        for (int length = 0; length < SegmentHeader.LENGTH; length++) {
            ByteBuffer cut = whole.slice(0, length);
            assertThatThrownBy(() -> SegmentHeader.read(cut))
                    .isInstanceOf(MalformedException.class)
                    .hasMessage("header: expected 312 bytes, found " + length);
        }
    }
}
