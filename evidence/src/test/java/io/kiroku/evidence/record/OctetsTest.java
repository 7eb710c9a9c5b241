package io.kiroku.evidence.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class OctetsTest {
    @Test
    void hexadecimalThereAndBack() {
        assertThat(Octets.parse("00fF10")).hasToString("00ff10");
        assertThat(Octets.parse("00ff10").toArray()).containsExactly(0, 0xff, 0x10);
        assertThat(Octets.parse("00ff10a1b2").brief()).isEqualTo("00ff10a1");
        assertThat(Octets.parse("00").brief()).isEqualTo("00");
        assertThatThrownBy(() -> Octets.parse("0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Octets.parse("0g")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nobodyElseHoldsTheBytes() {
        byte[] given = {1, 2};
        Octets octets = Octets.of(given);
        given[0] = 9;
        octets.toArray()[1] = 9;
        assertThat(octets).isEqualTo(Octets.of((byte) 1, (byte) 2)).hasSameHashCodeAs(Octets.parse("0102"));
        assertThat(octets).isNotEqualTo(Octets.parse("0103"));
        assertThat(octets).isNotEqualTo("0102");
    }

    @Test
    void takeAndWriteMoveTheBuffer() {
        ByteBuffer in = ByteBuffer.wrap(new byte[] {1, 2, 3});
        Octets first = Octets.take(in, 2);
        assertThat(in.position()).isEqualTo(2);
        ByteBuffer out = ByteBuffer.allocate(2);
        first.writeTo(out);
        assertThat(out.array()).containsExactly(1, 2);
        assertThat(first.length()).isEqualTo(2);
    }

    @Test
    void zeroMeansAllOfThem() {
        assertThat(Octets.zero(32).isZero()).isTrue();
        assertThat(Octets.parse("0001").isZero()).isFalse();
    }
}
