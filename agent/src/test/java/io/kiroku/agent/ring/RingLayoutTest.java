package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.agent.simulation.Seeds;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first page of a ring: whatever bytes it has, they are read as they were meant or refused with a sentence. */
class RingLayoutTest {
    private static final Octets STREAM = Octets.parse("000102030405060708090a0b0c0d0e0f");

    @ParameterizedTest
    @ValueSource(longs = {16L << 20, 17_000_000, 256L << 20, (256L << 20) + 1, 1L << 30, 16L << 30, 1L << 40})
    void dividesARing(long size) throws MalformedException {
        RingLayout fresh = RingLayout.of(STREAM, "nöde", size, 99);
        RingLayout layout = size % 2 == 0 ? fresh.continuing() : fresh;
        assertThat(layout.fileLength()).isBetween(size / 2, size + RingLayout.PAGE);
        assertThat(layout.extents()).isGreaterThanOrEqualTo(RingLayout.LEAST_EXTENTS);
        assertThat(layout.extentLength()).isGreaterThanOrEqualTo(RingLayout.LEAST_EXTENT);
        assertThat(layout.startOf(layout.extents())).isEqualTo(layout.fileLength());
        assertThat(RingLayout.decode(layout.encode())).isEqualTo(layout);
    }

    @Test
    void aRingCanBeTooSmall() {
        assertThatThrownBy(() -> RingLayout.of(STREAM, "n", (16L << 20) - 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 16777216 bytes");
    }

    @Test
    void everyFlippedBitIsRefused() {
        ByteBuffer page = RingLayout.of(STREAM, "node", 1L << 30, 7).encode();
        for (int at = 0; at < RingLayout.PAGE; at++) {
            for (int bit = 0; bit < 8; bit += 3) {
                page.put(at, (byte) (page.get(at) ^ 1 << bit));
                assertThatThrownBy(() -> RingLayout.decode(page)).isInstanceOf(MalformedException.class);
                page.put(at, (byte) (page.get(at) ^ 1 << bit));
            }
        }
    }

    /** Pages that match their checksum but were made by somebody else. */
    @Test
    void pagesWithAnyNumbersAreRefusedOrUsable() {
        Seeds.each(20_000, seed -> {
            RandomGenerator random = new Random(seed);
            ByteBuffer page = RingLayout.of(STREAM, "node", 1L << 30, 7).encode();
            int changes = random.nextInt(1, 6);
            for (int i = 0; i < changes; i++) {
                page.put(random.nextInt(4, 64), (byte) random.nextInt());
            }
            CRC32C crc = new CRC32C();
            crc.update(page.slice(0, RingLayout.PAGE - 4));
            page.putInt(RingLayout.PAGE - 4, (int) crc.getValue());
            try {
                RingLayout layout = RingLayout.decode(page);
                assertThat(layout.extents()).isGreaterThanOrEqualTo(RingLayout.LEAST_EXTENTS);
                assertThat(layout.fileLength()).isPositive();
                assertThat(layout.node().length()).isLessThanOrEqualTo(253);
            } catch (MalformedException refused) {
                assertThat(refused).hasMessageContaining("expected");
            }
        });
    }

    @Test
    void aShortOrEmptyFileIsNoRing() {
        for (int size : new int[] {0, 1, 4095, 4096, 100_000}) {
            assertThatThrownBy(() -> Ring.open(new ForgetfulFile(size)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("expected a ring");
        }
    }

    @Test
    void aRingThatLostItsEndIsRefused() throws Exception {
        ForgetfulFile whole = new ForgetfulFile(RingLayout.fileLength(16L << 20));
        Ring.create(whole, RingLayout.of(STREAM, "node", 16L << 20, new Random(1).nextInt()));
        ForgetfulFile cut = new ForgetfulFile(whole.size() - 1);
        cut.write(ByteBuffer.wrap(whole.content(), 0, RingLayout.PAGE), 0);
        assertThatThrownBy(() -> Ring.open(cut))
                .isInstanceOf(MalformedException.class)
                .hasMessage("expected a ring file of 16781312 bytes, found 16781311");
    }

    @Test
    void anotherVersionIsNamed() {
        ByteBuffer page = RingLayout.of(STREAM, "node", 1L << 30, 7).encode();
        page.putInt(4, 2);
        assertThatThrownBy(() -> RingLayout.decode(page))
                .isInstanceOf(MalformedException.class)
                .hasMessage("expected a ring of version 1, found version 2");
    }
}
