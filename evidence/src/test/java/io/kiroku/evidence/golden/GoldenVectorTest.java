package io.kiroku.evidence.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The writer makes the golden segments, and the reader reads them. {@code -Dkiroku.golden=write} makes the files anew: to
 * be used when the format changes on purpose, never to silence this test.
 */
class GoldenVectorTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/golden");

    @BeforeAll
    static void writeIfTold() throws Exception {
        if (!System.getProperty("kiroku.golden", "").equals("write")) {
            return;
        }
        Files.createDirectories(DIRECTORY);
        List<byte[]> segments = GoldenStream.seal();
        for (int i = 0; i < segments.size(); i++) {
            Files.write(file(GoldenStream.NUMBERS.get(i)), segments.get(i));
        }
        Files.write(DIRECTORY.resolve("00000002.log"), GoldenStream.log(2));
        Files.writeString(DIRECTORY.resolve("EXPECTED.md"), GoldenText.of(segments));
    }

    static Path file(int number) {
        return DIRECTORY.resolve("%08d.lz4".formatted(number));
    }

    private static byte[] golden(int number) throws IOException {
        return Files.readAllBytes(file(number));
    }

    private static Octets previousOf(int number) throws IOException {
        return GoldenStream.previousOf(number, number == 2 || number == 3 ? List.of(golden(number - 1)) : List.of());
    }

    @Test
    void theVerifierFindsNothingAgainstThem() throws IOException {
        Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
        for (int number : GoldenStream.NUMBERS) {
            byte[] segment = golden(number);
            verifier.segment(new Location(file(number).toString(), 0, segment.length), ByteBuffer.wrap(segment));
        }
        Report report = verifier.report();
        assertThat(report.holds()).isTrue();
        assertThat(report.counts().segments()).isEqualTo(4);
        assertThat(report.counts().files()).isEqualTo(2);
        assertThat(report.counts().gapBytes()).isEqualTo(86 + 1000 - GoldenStream.firstLog().length + 64 + 12);
        assertThat(verifier.lastSequence(GoldenStream.stream())).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6})
    void theReaderReadsWhatTheWriterWasGiven(int number) throws Exception {
        Segment segment = Scribe.segment(golden(number));
        assertThat(segment.entries()).isEqualTo(new GoldenStream().entries(number, previousOf(number)));
        assertThat(Scribe.log(golden(number))).isEqualTo(GoldenStream.log(number));
        assertThat(segment.header().sequence()).isEqualTo(number);
        assertThat(segment.header().restates()).isEqualTo(number != 2);
        assertThat(segment.header().stream()).isEqualTo(GoldenStream.stream());
    }

    @Test
    void theFieldsAreThoseInTheText() throws Exception {
        List<byte[]> segments = new ArrayList<>();
        for (int number : GoldenStream.NUMBERS) {
            segments.add(golden(number));
        }
        assertThat(DIRECTORY.resolve("EXPECTED.md")).hasContent(GoldenText.of(segments));
        assertThat(DIRECTORY.resolve("00000002.log")).hasBinaryContent(GoldenStream.log(2));
    }

    /**
     * Segments without log hold nothing that a compressor decides: every byte must be the same. Another compressor, or
     * another version of it, may find other matches in the log of the second one, all of them right: then the bytes that
     * follow from its choice differ, which are the payload, its length and digest, and the signature, and no others.
     */
    @Test
    void theWriterStillMakesThem() throws IOException {
        GoldenStream stream = new GoldenStream();
        for (int number : GoldenStream.NUMBERS) {
            byte[] golden = golden(number);
            byte[] made = stream.seal(number, previousOf(number));
            if (number == 2 && !Arrays.equals(payload(made), payload(golden))) {
                assertThat(Scribe.log(made)).isEqualTo(GoldenStream.log(number));
                assertThat(withoutWhatFollowsFromCompression(made))
                        .isEqualTo(withoutWhatFollowsFromCompression(golden));
            } else {
                assertThat(made).as("segment %d", number).isEqualTo(golden);
            }
        }
    }

    private static byte[] payload(byte[] segment) {
        int length = Scribe.segment(segment).header().payloadLength();
        return Arrays.copyOfRange(segment, segment.length - length, segment.length);
    }

    private static byte[] withoutWhatFollowsFromCompression(byte[] segment) {
        int length = Scribe.segment(segment).header().payloadLength();
        byte[] rest = Arrays.copyOf(segment, segment.length - length);
        Arrays.fill(rest, SegmentFormat.HEADER_AT + 108, SegmentFormat.HEADER_AT + 112, (byte) 0);
        Arrays.fill(rest, SegmentFormat.HEADER_AT + 152, SegmentFormat.HEADER_AT + 184, (byte) 0);
        Arrays.fill(rest, SegmentFormat.HEADER_AT + SegmentHeader.SIGNED_LENGTH, SegmentFormat.MANIFEST_AT, (byte) 0);
        return rest;
    }
}
