package io.kiroku.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class WritesTest {
    @Test
    void latenciesAreOfTheWritesWithinTheTime() {
        Writes writes = new Writes();
        for (int i = 0; i < 100_000; i++) {
            writes.add(i % 7, i, i);
        }
        assertThat(writes.count()).isEqualTo(100_000);
        assertThat(writes.latencies(99_998, 100_500, write -> writes.nanos(write) + writes.end(write)))
                .containsExactly(99_998, 99_999);
        assertThat(writes.latencies(0, 2, write -> writes.nanos(write) + 5)).containsExactly(5, 5);
    }

    @Test
    void aLineIsKnownByItsNumberWhereverItIs() {
        ByteBuffer out = ByteBuffer.allocate(100);
        out.put("line=12 or line=".getBytes(StandardCharsets.US_ASCII));
        LineNumber.put(out, 1_234_567_890L);
        assertThat(out.position()).isEqualTo(16 + LineNumber.LENGTH);
        assertThat(LineNumber.find(out.array(), 0, out.position())).isEqualTo(1_234_567_890L);
        assertThat(LineNumber.find(out.array(), 16, out.position())).isEqualTo(1_234_567_890L);
        assertThat(LineNumber.find(out.array(), 17, out.position())).isEqualTo(-1);
        assertThat(LineNumber.find(out.array(), 0, out.position() - 1)).isEqualTo(-1);
    }
}
