package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CriTextTest {
    private static final String T1 = "2026-03-01T10:00:00.1Z";
    private static final String T2 = "2026-03-01T10:00:01Z";

    private final Taken taken = new Taken();
    private final LineOutput lines = new LineOutput(taken, null, null, false);
    private final CriText text = new CriText(lines);

    private String shown(String log) throws IOException {
        give(text, log.getBytes(StandardCharsets.UTF_8));
        text.finish();
        return taken.text();
    }

    private static void give(CriText text, byte[] bytes) throws IOException {
        text.bytes(bytes, 0, bytes.length, 0);
    }

    @Test
    void showsContentOnly() throws IOException {
        assertThat(shown(T1 + " stdout F hello\n" + T2 + " stderr F  world \n" + T2 + " stdout F \n"))
                .isEqualTo("hello\n world \n\n");
    }

    @Test
    void joinsTheParts() throws IOException {
        assertThat(shown(
                        T1 + " stdout P he\n" + T1 + " stdout P ll\n" + T2 + " stdout F o\n" + T2 + " stdout F next\n"))
                .isEqualTo("hello\nnext\n");
    }

    @Test
    void joinsEachOutputByItself() throws IOException {
        assertThat(shown(T1 + " stdout P out-\n" + T1 + " stderr P err-\n" + T1 + " stderr F 1\n" + T2
                        + " stdout P put-\n" + T2 + " stderr F between\n" + T2 + " stdout F 1\n"))
                .isEqualTo("err-1\nbetween\nout-put-1\n");
    }

    @Test
    void aLastPartWithoutAnEndIsShown() throws IOException {
        assertThat(shown(T1 + " stdout F a\n" + T1 + " stdout P no newline\n")).isEqualTo("a\nno newline");
    }

    @Test
    void twoLastPartsDoNotRunIntoOne() throws IOException {
        assertThat(shown(T1 + " stderr P err\n" + T1 + " stdout P out\n")).isEqualTo("out\nerr");
    }

    @Test
    void tagsBehindTheFirstAreIgnored() throws IOException {
        assertThat(shown(T1 + " stdout P:a:b he\n" + T1 + " stdout F:x llo\n")).isEqualTo("hello\n");
    }

    @Test
    void nulsAndOtherBytesPass() throws IOException {
        give(text, (T1 + " stdout F a\0b\u001b[1m").getBytes(StandardCharsets.UTF_8));
        give(text, new byte[] {(byte) 0xff, (byte) 0xc3, '\r', '\n'});
        text.finish();
        assertThat(taken.toBytes())
                .isEqualTo(new byte[] {'a', 0, 'b', 0x1b, '[', '1', 'm', (byte) 0xff, (byte) 0xc3, '\r', '\n'});
    }

    @Test
    void whatIsInNoFormatIsShownAsItIs() throws IOException {
        String strange = """
            plain
            2026-03-01T10:00:00Z stdout X bad tag
            2026-03-01T10:00:00Z stdout F
            2026-03-01T10:00:00Z stdoux F bad stream
            2026-13-01T10:00:00Z stdout F bad month

            """ + "\0\0\0\n" + "x".repeat(1000) + "\n" + "y".repeat(5000);
        assertThat(shown(strange)).isEqualTo(strange);
    }

    @Test
    void aLineCutOffAtTheEndIsShown() throws IOException {
        assertThat(shown(T1 + " stdout F a\n" + T1 + " stdout F half a li")).isEqualTo("a\nhalf a li");
    }

    @Test
    void aHeadCutOffAtTheEndIsShown() throws IOException {
        assertThat(shown(T1 + " stdout F a\n" + T1 + " std")).isEqualTo("a\n" + T1 + " std");
    }

    @Test
    void aGapEndsTheLineThatItCuts() throws IOException {
        give(text, (T1 + " stdout F first hal").getBytes(StandardCharsets.UTF_8));
        text.broken();
        assertThat(shown("second half\n" + T1 + " stdout F next\n")).isEqualTo("first hal\nsecond half\nnext\n");
    }

    @Test
    void beginsWithTheNextLine() throws IOException {
        text.beginInsideLine();
        give(text, "rest of a li".getBytes(StandardCharsets.UTF_8));
        assertThat(shown("ne\n" + T1 + " stdout F next\n")).isEqualTo("next\n");
    }

    @Test
    void putsItsOwnTimeBeforeEachLine() throws IOException {
        Taken stamped = new Taken();
        CriText text = new CriText(new LineOutput(stamped, null, null, true));
        give(
                text,
                (T1 + " stdout P a\n" + T2 + " stderr F b\n" + T2 + " stdout F c\nodd\n")
                        .getBytes(StandardCharsets.UTF_8));
        text.finish();
        assertThat(stamped.text()).isEqualTo(T2 + " b\n" + T1 + " ac\nodd\n");
    }

    @Test
    void leavesOutLinesOfOtherTimes() throws IOException {
        Taken some = new Taken();
        CriText text = new CriText(new LineOutput(
                some, Instant.parse("2026-03-01T10:00:01Z"), Instant.parse("2026-03-01T10:00:02Z"), false));
        give(
                text,
                (T1 + " stdout F early\nodd, like the line before\n" + T2 + " stdout P in\n" + T2
                                + " stderr F time\n"
                                + "odd\n"
                                + "2026-03-01T10:00:02Z stdout F _\n"
                                + "2026-03-01T10:00:02.000000001Z stdout F late\n")
                        .getBytes(StandardCharsets.UTF_8));
        text.finish();
        assertThat(some.text()).isEqualTo("time\nodd\nin_\n");
    }

    @Test
    void aLineLongerThanItsBoundComesInPieces() throws IOException {
        byte[] part = new byte[1 << 20];
        Arrays.fill(part, (byte) 'x');
        int parts = (CriText.MOST_JOINED >> 20) + 3;
        for (int i = 0; i < parts; i++) {
            give(text, (T1 + " stdout P ").getBytes(StandardCharsets.UTF_8));
            give(text, part);
            give(text, "\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(taken.toBytes().length).isGreaterThan(CriText.MOST_JOINED);
        give(text, (T1 + " stdout F end\n").getBytes(StandardCharsets.UTF_8));
        assertThat(taken.toBytes()).hasSize((parts << 20) + 4).endsWith("xend\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFileLineOfFiftyMegabytesHasOneHead() throws IOException {
        byte[] part = new byte[1 << 20];
        Arrays.fill(part, (byte) 'x');
        give(text, (T1 + " stderr F ").getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 50; i++) {
            give(text, part);
        }
        give(text, "\n".getBytes(StandardCharsets.UTF_8));
        assertThat(taken.toBytes())
                .hasSize((50 << 20) + 1)
                .startsWith((byte) 'x')
                .endsWith((byte) '\n');
    }

    @Test
    void howTheBytesAreCutMakesNoDifference() throws IOException {
        byte[] log = (T1 + " stdout F one\n" + T1 + " stderr P tw\nodd\n\n" + T2 + " stdout P " + "z".repeat(400) + "\n"
                        + T2 + " stderr F o\n" + T2 + " stdout F !\n" + T2 + " stdout P open\n")
                .getBytes(StandardCharsets.UTF_8);
        String whole = shown(new String(log, StandardCharsets.UTF_8));
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            Taken cut = new Taken();
            CriText text = new CriText(new LineOutput(cut, null, null, false));
            int at = 0;
            while (at < log.length) {
                int to = Math.min(log.length, at + 1 + random.nextInt(round % 2 == 0 ? 5 : 200));
                text.bytes(log, at, to, 0);
                at = to;
            }
            text.finish();
            assertThat(cut.text()).as("seed %d round %d", seed, round).isEqualTo(whole);
        }
    }
}
