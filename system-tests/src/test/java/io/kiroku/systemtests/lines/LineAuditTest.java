package io.kiroku.systemtests.lines;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.CriFormat;
import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.StdStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class LineAuditTest {
    @Test
    void numbersOfBothStreamsAreFollowed() throws Exception {
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F 0 a
            2026-11-24T10:00:00.1Z stderr F 0 b
            2026-11-24T10:00:00.12Z stdout F 1
            2026-11-24T10:00:01Z stdout F 2 2 2
            """)).isEqualTo(new LineAudit(4, 0, 0, 0, 0));
    }

    @Test
    void partsAreOneLineAndTheOtherStreamMayComeBetween() throws Exception {
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout P 0 begins
            2026-11-24T10:00:00Z stderr F 0 between
            2026-11-24T10:00:00Z stdout P 77 in the middle
            2026-11-24T10:00:00Z stdout F 99 at the end
            2026-11-24T10:00:00Z stdout F 1
            2026-11-24T10:00:00Z stdout P 2 and never ends
            """)).isEqualTo(new LineAudit(4, 0, 0, 0, 0));
    }

    @Test
    void aNumberMayBeCutIntoParts() throws Exception {
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:00Z stdout F 1
            2026-11-24T10:00:00Z stdout F 2
            2026-11-24T10:00:00Z stdout F 3
            2026-11-24T10:00:00Z stdout F 4
            2026-11-24T10:00:00Z stdout F 5
            2026-11-24T10:00:00Z stdout F 6
            2026-11-24T10:00:00Z stdout F 7
            2026-11-24T10:00:00Z stdout F 8
            2026-11-24T10:00:00Z stdout F 9
            2026-11-24T10:00:00Z stdout P 1
            2026-11-24T10:00:00Z stderr F 0 between
            2026-11-24T10:00:00Z stdout F 0 begins
            2026-11-24T10:00:00Z stdout P 11
            2026-11-24T10:00:00Z stdout F  begins
            2026-11-24T10:00:00Z stdout P 12
            """)).isEqualTo(new LineAudit(14, 0, 0, 0, 0));
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout P 99999999
            2026-11-24T10:00:00Z stdout F 99999999
            """)).as("more than an int").isEqualTo(new LineAudit(0, 0, 0, 0, 1));
    }

    @Test
    void whatIsMissingTwiceOrStrangeIsCounted() throws Exception {
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:00Z stdout F 4
            """)).isEqualTo(new LineAudit(2, 3, 0, 0, 0));
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:00Z stdout F 1
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:00Z stdout F 2
            """)).isEqualTo(new LineAudit(4, 0, 1, 0, 0));
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F none
            2026-11-24T10:00:00Z stdin F 0
            01Z stdout F
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:\
            """)).isEqualTo(new LineAudit(1, 0, 0, 0, 4));
    }

    @Test
    void aLineThatComesTooLateIsOutOfOrderAndNotMissing() throws Exception {
        assertThat(audit("""
            2026-11-24T10:00:00Z stdout F 0
            2026-11-24T10:00:00Z stdout F 2
            2026-11-24T10:00:00Z stdout F 1
            2026-11-24T10:00:00Z stdout F 1
            """)).isEqualTo(new LineAudit(4, 0, 1, 1, 0));
    }

    @Test
    void numberedLinesAreWhole() throws Exception {
        NumberedLines lines = new NumberedLines(7);
        CriFormat format = new CriFormat();
        ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
        ByteBuffer log = ByteBuffer.allocate(16 << 20);
        int count = 50_000;
        for (int i = 0; i < count; i++) {
            StdStream stream = lines.next(line.clear());
            format.append(log, 1_795_430_400_000_000_000L + i, stream, line.flip(), true);
        }
        byte[] bytes = log.array();
        assertThat(LineAudit.of(new ByteArrayInputStream(bytes, 0, log.position())))
                .isEqualTo(new LineAudit(count, 0, 0, 0, 0));
        assertThat(LineAudit.of(new ByteArrayInputStream(bytes, 0, log.position() - 1))
                        .isWhole())
                .as("cut by a byte")
                .isFalse();
    }

    private static LineAudit audit(String log) throws IOException {
        return LineAudit.of(new ByteArrayInputStream(log.getBytes(StandardCharsets.US_ASCII)));
    }
}
