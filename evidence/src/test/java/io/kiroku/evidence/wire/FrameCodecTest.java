package io.kiroku.evidence.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import io.kiroku.evidence.RandomEvidence;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.SegmentFormat;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameCodecTest {
    private static final Octets STREAM = Octets.parse("01".repeat(16));
    private static final Octets KEY = Octets.parse("02".repeat(32));
    private static final Octets HASH = Octets.parse("03".repeat(32));
    private static final Octets SIGNATURE = Octets.parse("04".repeat(64));

    private static String hex(Frame frame) {
        byte[] bytes = new byte[FrameCodec.encode(frame).remaining()];
        FrameCodec.encode(frame).get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Frame decode(String hex) throws MalformedException {
        return FrameCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    @Test
    void everyFrameIsWrittenAsDocumented() {
        assertThat(hex(new Frame.Hello(1, STREAM, "n1", "k")))
                .isEqualTo("00000020" + "01" + "4b49524f4b55" + "0001" + "01".repeat(16) + "0002" + "6e31" + "0001"
                        + "6b");
        Frame.Head head = new Frame.Head(6, HASH, 2, 7, List.of(new LostSegments.Range(3, 4)));
        assertThat(hex(new Frame.Welcome(KEY, 5, head)))
                .isEqualTo("0000006f" + "02" + "02".repeat(32) + "0000000000000005" + "0000000000000006"
                        + "03".repeat(32) + "0000000000000002" + "00000007" + "0001" + "0000000000000003"
                        + "0000000000000004");
        assertThat(hex(new Frame.Welcome(KEY, 5, null)))
                .isEqualTo("0000005f" + "02" + "02".repeat(32) + "0000000000000005" + "00".repeat(48) + "00000001"
                        + "0000");
        assertThat(hex(new Frame.SegmentFrame(ByteBuffer.wrap(new byte[] {9, 8}))))
                .isEqualTo("00000003" + "03" + "0908");
        assertThat(hex(new Frame.Receipt(STREAM, 6, HASH, 8, new TreeHead(9, HASH), 7, SIGNATURE)))
                .isEqualTo(
                        "000000b1" + "04" + "01".repeat(16) + "0000000000000006" + "03".repeat(32) + "0000000000000008"
                                + "0000000000000009" + "03".repeat(32) + "0000000000000007" + "04".repeat(64));
        assertThat(hex(new Frame.Refusal(Frame.RefusalCode.FORKED, 6, "no")))
                .isEqualTo("0000000e" + "05" + "03" + "0000000000000006" + "0002" + "6e6f");
        assertThat(hex(new Frame.Enrol(1, STREAM, "n1", Frame.Proof.CODE, "ab", Octets.parse("0506"))))
                .isEqualTo("00000026" + "06" + "4b49524f4b55" + "0001" + "01".repeat(16) + "0002" + "6e31" + "01"
                        + "0002" + "6162" + "0002" + "0506");
        assertThat(hex(new Frame.Certificate(Octets.parse("05"), List.of(Octets.parse("0607")))))
                .isEqualTo("00000009" + "07" + "0001" + "05" + "01" + "0002" + "0607");
        assertThat(FrameCodec.segmentPrefix(2)).containsExactly(0, 0, 0, 3, 3);
    }

    /** The numbers are the protocol: a constant may be added with a number of its own, and none is ever moved. */
    @Test
    void refusalCodesKeepTheirNumbers() {
        assertThat(Frame.RefusalCode.values())
                .extracting(code -> code.code() + " " + code)
                .containsExactly("0 PROTOCOL", "1 IDENTITY", "2 UNSOUND", "3 FORKED", "4 AHEAD", "5 UNAVAILABLE");
    }

    @Test
    void whatIsEncodedIsDecodedAndWithinItsBound() {
        Property.holds(3000, dice -> {
            Frame frame = RandomEvidence.frame(dice);
            ByteBuffer bytes = FrameCodec.encode(frame);
            int length = bytes.getInt();
            assertThat(length).isEqualTo(bytes.remaining());
            assertThat(FrameCodec.decode(bytes)).isEqualTo(frame);
            switch (frame) {
                case Frame.Hello _, Frame.SegmentFrame _ ->
                    assertThat(length).isLessThanOrEqualTo(FrameCodec.MOST_FROM_AGENT);
                case Frame.Enrol _ -> assertThat(length).isLessThanOrEqualTo(FrameCodec.MOST_ENROL);
                case Frame.Welcome _, Frame.Receipt _, Frame.Refusal _, Frame.Certificate _ ->
                    assertThat(length).isLessThanOrEqualTo(FrameCodec.MOST_FROM_COLLECTOR);
            }
        });
    }

    @Test
    void everyFrameCutShortIsRefused() {
        Property.holds(200, dice -> {
            Frame frame = RandomEvidence.frame(dice);
            ByteBuffer bytes = FrameCodec.encode(frame).position(4);
            int least = frame instanceof Frame.SegmentFrame ? 1 : bytes.remaining();
            for (int length = 0; length < least; length++) {
                ByteBuffer cut = bytes.slice(4, length);
                assertThatThrownBy(() -> FrameCodec.decode(cut)).isInstanceOf(MalformedException.class);
            }
        });
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
        ''                        | expected a frame's type of 1 bytes, found 0
        00                        | expected a type from 1 to 7, found 0
        08                        | expected a type from 1 to 7, found 8
        06 4b49524f4b             | expected a request for a certificate of 24 bytes, found 5
        07 0000                   | expected a certificate of 1 to 4096 bytes, found 0
        07 1001                   | expected a certificate of 1 to 4096 bytes, found 4097
        07 0002 01                | expected a certificate of 2 bytes, found 1
        07 0001 01 00             | expected 1 to 4 authorities, found 0
        07 0001 01 05             | expected 1 to 4 authorities, found 5
        ff                        | expected a type from 1 to 7, found 255
        01 4b49524f4b             | expected a greeting of 24 bytes, found 5
        02 00                     | expected an answer to the greeting of 94 bytes, found 1
        04 00                     | expected a receipt of 176 bytes, found 1
        05 06 0000000000000000 0000 | expected a refusal's code below 6, found 6
        05 00 0000000000000000 0000 00 | expected its end, found 1 more bytes
        05 00 0000000000000000 0401 | expected a text of at most 1024 bytes
        05 00 0000000000000000 0001 ff | expected UTF-8 in the text
        """)
    void whatIsNoFrameIsRefused(String hex, String sentence) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
        0000 00 0000 0001 05       | expected the node's name in the request, found none
        0001 61 03 0000 0001 05    | expected a kind of proof below 3, found 3
        0001 61 01 4001 00         | expected a text of at most 16384 bytes
        0001 61 00 0000 0000       | expected a request of 1 to 8192 bytes, found 0
        0001 61 00 0000 2001       | expected a request of 1 to 8192 bytes, found 8193
        0001 61 00 0000 0002 05    | expected a request of 2 bytes, found 1
        0001 61 00 0000 0001 05 06 | expected its end, found 1 more bytes
        """)
    void whatIsNoRequestForACertificateIsRefused(String rest, String sentence) {
        assertThatThrownBy(() -> decode("06" + "4b49524f4b55" + "0001" + "01".repeat(16) + rest))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aSecretIsNotShown() {
        assertThat(new Frame.Enrol(1, STREAM, "n1", Frame.Proof.CODE, "hush", Octets.parse("05")).toString())
                .contains("n1")
                .doesNotContain("hush");
    }

    @Test
    void aGreetingMustSayWhoGreetsAndInWhichProtocol() {
        String fields = "01".repeat(16);
        assertThatThrownBy(() -> decode("01" + "4b49524f4b56" + "0001" + fields + "0001 6e 0000"))
                .hasMessageContaining("a greeting that begins with KIROKU");
        assertThatThrownBy(() -> decode("01" + "4b49524f4b55" + "0001" + fields + "0000 0000"))
                .hasMessageContaining("expected the node's name");
        assertThatThrownBy(() -> decode("01" + "4b49524f4b55" + "0001" + fields + "00fe" + "6e".repeat(254) + "0000"))
                .hasMessageContaining("at most 253 bytes");
        assertThatThrownBy(() -> decode("01" + "4b49524f4b55" + "0001" + fields + "0001 6e 0041" + "6e".repeat(65)))
                .hasMessageContaining("at most 64 bytes");
    }

    @Test
    void theEndOfAStreamIsOneOrNone() {
        String welcome = "02" + "02".repeat(32) + "00".repeat(8);
        for (String end : List.of(
                "ff".repeat(8) + "00".repeat(32) + "0000000000000001" + "00000001" + "0000",
                "0000000000000001" + "00".repeat(32) + "0000000000000000" + "00000001" + "0000",
                "0000000000000001" + "00".repeat(32) + "0000000000000001" + "00000000" + "0000",
                "0000000000000000" + "00".repeat(32) + "0000000000000001" + "00000001" + "0000")) {
            assertThatThrownBy(() -> decode(welcome + end))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("expected the end of a stream, found sequence");
        }
        String one = "0000000000000009" + "00".repeat(32) + "0000000000000001" + "00000001";
        assertThatThrownBy(() -> decode(welcome + one + "0041"))
                .hasMessageContaining("expected at most 64 ranges of segments, found 65");
        assertThatThrownBy(() -> decode(welcome + one + "0001"))
                .hasMessageContaining("expected ranges of segments of 16 bytes, found 0");
        assertThatThrownBy(() -> decode(welcome + one + "0001" + "0000000000000002" + "0000000000000001"))
                .hasMessageContaining("expected a range of sequences from 1, found 2 to 1");
    }

    @Test
    void anotherVersionIsReadSoThatItCanBeRefusedWithASentence() throws MalformedException {
        Frame frame = decode("01" + "4b49524f4b55" + "ffff" + "01".repeat(16) + "0001 6e 0000");
        assertThat(frame).isEqualTo(new Frame.Hello(65535, STREAM, "n", ""));
    }

    @Test
    void textsThatAreTooLongAreCut() throws MalformedException {
        Frame.Refusal refusal = new Frame.Refusal(Frame.RefusalCode.UNSOUND, 1, "é".repeat(600));
        assertThat(FrameCodec.decode(FrameCodec.encode(refusal).position(4)))
                .isEqualTo(new Frame.Refusal(Frame.RefusalCode.UNSOUND, 1, "é".repeat(512)));
    }

    @Test
    void theBoundsHoldTheLargestFrames() {
        assertThat(FrameCodec.MOST_FROM_AGENT).isEqualTo(1 + SegmentFormat.MOST_SEGMENT);
        Frame longest = new Frame.Refusal(Frame.RefusalCode.UNSOUND, 1, "x".repeat(5000));
        assertThat(FrameCodec.encode(longest).remaining() - 4).isLessThanOrEqualTo(FrameCodec.MOST_FROM_COLLECTOR);
    }

    @Test
    void aDecodedSegmentRefersToTheBufferItCameIn() throws MalformedException {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 0, 3, 7, 8}).position(2);
        Frame frame = FrameCodec.decode(bytes);
        assertThat(frame).isEqualTo(new Frame.SegmentFrame(ByteBuffer.wrap(new byte[] {7, 8})));
        assertThat(bytes.position()).isEqualTo(2);
    }
}
