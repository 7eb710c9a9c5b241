package io.kiroku.evidence.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Lz4FrameTest {
    private static final int MIB = 1 << 20;
    private static final byte CANARY = 0x5a;

    private static byte[] frame(byte[] raw) {
        ByteBuffer out = ByteBuffer.allocateDirect(Lz4Frame.roomToWrite(raw.length));
        Lz4Frame.write(ByteBuffer.allocateDirect(raw.length).put(raw).flip(), out);
        assertThat(out.position()).isLessThanOrEqualTo(Lz4Frame.mostStored(raw.length));
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    private static byte[] read(byte[] frame, int rawLength) throws MalformedException {
        ByteBuffer raw = ByteBuffer.allocate(rawLength);
        Lz4Frame.read(ByteBuffer.wrap(frame), raw, rawLength);
        return raw.array();
    }

    private static byte[] readByAnother(byte[] frame) throws IOException {
        try (LZ4FrameInputStream in = new LZ4FrameInputStream(new ByteArrayInputStream(frame))) {
            return in.readAllBytes();
        }
    }

    /** A frame whose single block is the given bytes. */
    private static ByteBuffer frameOf(byte[] block, int word, int rawLength) {
        byte[] empty = frame(new byte[0]);
        ByteBuffer out =
                ByteBuffer.allocate(Lz4Frame.OVERHEAD + 4 + block.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(empty, 0, 15).putLong(6, rawLength);
        out.put(14, (byte)
                (net.jpountz.xxhash.XXHashFactory.safeInstance().hash32().hash(out, 4, 10, 0) >>> 8));
        return out.putInt(word).put(block).putInt(0).flip();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 13, 64, 65_535, MIB - 1, MIB, MIB + 1, 3 * MIB + 5, SegmentHeader.MOST_RAW})
    void whatIsCompressedIsReadHereAndElsewhere(int length) throws MalformedException, IOException {
        byte[] log = new Dice(length).log(length);
        assertThat(read(frame(log), length)).isEqualTo(log);
        assertThat(readByAnother(frame(log))).isEqualTo(log);
        byte[] noise = new Dice(length).bytes(length);
        assertThat(frame(noise)).hasSize(Lz4Frame.mostStored(length));
        assertThat(read(frame(noise), length)).isEqualTo(noise);
        assertThat(readByAnother(frame(noise))).isEqualTo(noise);
    }

    @Test
    void anEmptyFrameIsItsOverhead() {
        assertThat(Octets.of(frame(new byte[0]))).hasToString("04224d1868600000000000000000eb00000000");
    }

    @Test
    void whatIsWrittenIsRead() {
        Property.holds(300, dice -> {
            byte[] raw = dice.oneIn(2) ? dice.bytes(dice.below(5000)) : dice.log(dice.below(50_000));
            assertThat(read(frame(raw), raw.length)).isEqualTo(raw);
        });
    }

    @ParameterizedTest(name = "{0} ^ {1}: {2}")
    @CsvSource({
        "0,  1, the magic number",
        "3,  16, the magic number",
        "4,  4, another descriptor",
        "4,  16, another descriptor",
        "5,  16, another descriptor",
        "6,  1, a content size of 5",
        "13, 128, a content size of 5",
        "14, 1, the descriptor's checksum",
        "15, 1, a plain block of 5 bytes",
        "15, 16, 'a block of 21 bytes, found only 9'",
        "24, 1, the end mark"
    })
    void everythingAroundABlockIsChecked(int at, int flip, String sentence) {
        byte[] frame = frame(new byte[] {1, 2, 3, 4, 5});
        frame[at] ^= (byte) flip;
        assertThatThrownBy(() -> read(frame, 5))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("payload: expected")
                .hasMessageContaining(sentence);
    }

    @Test
    void moreOrFewerBytesThanSaidAreRefused() {
        byte[] log = new Dice(1).log(1000);
        byte[] frame = frame(log);
        assertThatThrownBy(() -> read(frame, 999)).hasMessageContaining("a content size of 999, found 1000");
        int word = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(15);
        byte[] block = Arrays.copyOfRange(frame, 19, 19 + word);
        for (int said : new int[] {999, 1001}) {
            assertThatThrownBy(() -> Lz4Frame.read(frameOf(block, word, said), ByteBuffer.allocate(2000), said))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("a block of " + said + " bytes when decompressed");
        }
    }

    @Test
    void bytesBehindTheEndMarkAreRefused() {
        byte[] frame = frame(new byte[] {1, 2, 3});
        assertThatThrownBy(() -> read(Arrays.copyOf(frame, frame.length + 1), 3))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("the end mark");
    }

    @Test
    void aFrameCutShortIsRefusedAtEveryLength() {
        byte[] frame = frame(new Dice(1).log(300));
        for (int length = 0; length < frame.length; length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            assertThatThrownBy(() -> read(cut, 300))
                    .as("%d of %d bytes", length, frame.length)
                    .isInstanceOf(MalformedException.class);
        }
    }

    /** The lz4 tool refuses a block that is longer than the frame's block size, so it must not pass here either. */
    @Test
    void aCompressedBlockThatDidNotShrinkIsRefused() {
        byte[] grown = new byte[7];
        grown[0] = 5 << 4;
        assertThatThrownBy(() -> Lz4Frame.read(frameOf(Arrays.copyOf(grown, 6), 6, 5), ByteBuffer.allocate(5), 5))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("a compressed block of less than 5 bytes, found 6");
    }

    @Test
    void anEndMarkBeforeAllBytesAreThereIsRefused() {
        assertThatThrownBy(() -> Lz4Frame.read(frameOf(new byte[0], 0, 5), ByteBuffer.allocate(5), 5))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aBlockLengthThatOverflowsIsRefused() {
        for (int word : new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE | 6}) {
            assertThatThrownBy(() -> Lz4Frame.read(frameOf(new byte[5], word, 5), ByteBuffer.allocate(5), 5))
                    .isInstanceOf(MalformedException.class);
        }
    }

    /** Hostile blocks in memory outside the heap, where a write beyond the end would hit what lies there. */
    @Test
    void hostileBlocksNeverWriteOutsideTheBytesGiven() {
        ByteBuffer input = ByteBuffer.allocateDirect(1 << 16);
        ByteBuffer output = ByteBuffer.allocateDirect(1 << 16);
        int guard = 4096;
        Property.holdsForSomeTime(dice -> {
            int rawLength = dice.between(1, 3000);
            byte[] raw = dice.oneIn(3) ? dice.bytes(rawLength) : dice.log(rawLength);
            byte[] frame = frame(raw);
            byte[] block = Arrays.copyOfRange(frame, 19, frame.length - 4);
            byte[] hostile = dice.oneIn(4) ? dice.bytes(dice.between(1, 300)) : dice.spoil(block);
            int word = dice.oneIn(10) ? (int) dice.number() : hostile.length;
            ByteBuffer stored = frameOf(hostile, word, rawLength);
            // Exactly the bytes of the frame, with nothing of it behind them.
            ByteBuffer in = input.clear().slice(input.capacity() - stored.remaining(), stored.remaining());
            in.put(stored).flip();
            for (int i = 0; i < rawLength + 2 * guard; i++) {
                output.put(i, CANARY);
            }
            ByteBuffer out = output.slice(guard, rawLength);
            try {
                Lz4Frame.read(in, out, rawLength);
                assertThat(out.position()).isEqualTo(rawLength);
            } catch (MalformedException refused) {
                assertThat(refused).hasMessageContaining("payload: expected");
            }
            for (int i = 0; i < guard; i++) {
                assertThat(output.get(i) == CANARY && output.get(guard + rawLength + i) == CANARY)
                        .isTrue();
            }
        });
    }
}
