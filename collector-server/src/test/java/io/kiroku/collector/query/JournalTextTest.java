package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.journal.UnitMatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTextTest {
    private static final UnitMatch ALL = new UnitMatch(List.of());

    private final Taken taken = new Taken();

    private static String entry(long seconds, String fields) {
        return "__CURSOR=s=1;i=%x\n__REALTIME_TIMESTAMP=%d\n_HOSTNAME=n1\n%s\n"
                .formatted(seconds, seconds * 1_000_000, fields);
    }

    private String shown(JournalText text, String export) throws IOException {
        byte[] bytes = export.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i += 7) {
            text.bytes(bytes, i, Math.min(bytes.length, i + 7), 5_000_000_000L);
        }
        text.finish();
        return taken.text();
    }

    private JournalText all() {
        return new JournalText(new LineOutput(taken, null, null, false), ALL, false);
    }

    @Test
    void anEntryIsALine() throws IOException {
        assertThat(shown(
                        all(),
                        entry(1, "SYSLOG_IDENTIFIER=kubelet\n_PID=7\nMESSAGE=hello\n")
                                + entry(2, "_TRANSPORT=kernel\nMESSAGE=oops\n")
                                + entry(3, "_COMM=x\n")))
                .isEqualTo("""
                    1970-01-01T00:00:01Z n1 kubelet[7]: hello
                    1970-01-01T00:00:02Z n1 kernel: oops
                    1970-01-01T00:00:03Z n1 x:\s
                    """);
    }

    @Test
    void furtherLinesOfAMessageLookLikeNoOtherEntry() throws IOException {
        assertThat(shown(
                        all(),
                        entry(1, "SYSLOG_IDENTIFIER\n\5\0\0\0\0\0\0\0a\nb\33c\nMESSAGE\n\4\0\0\0\0\0\0\0x\ny\n\n")))
                .isEqualTo("1970-01-01T00:00:01Z n1 a?b?c: x\n" + " ".repeat(31) + "y\n");
    }

    @Test
    void onlyWhatIsOfTheUnitIsShownAndItsBytesAreItsOwn() throws IOException {
        String wanted = entry(2, "_SYSTEMD_UNIT=b.service\nMESSAGE=b\n");
        String export = entry(1, "_SYSTEMD_UNIT=a.service\nMESSAGE=a\n") + wanted + entry(3, "MESSAGE=c\n");
        UnitMatch unit = new UnitMatch(List.of("b.service"));
        assertThat(shown(new JournalText(new LineOutput(taken, null, null, false), unit, true), export))
                .isEqualTo(wanted);
    }

    @Test
    void timesChoose() throws IOException {
        LineOutput lines = new LineOutput(taken, Instant.ofEpochSecond(2), Instant.ofEpochSecond(2), false);
        String export = entry(1, "MESSAGE=a\n") + entry(2, "MESSAGE=b\n") + entry(3, "MESSAGE=c\n");
        assertThat(shown(new JournalText(lines, ALL, false), export)).isEqualTo("1970-01-01T00:00:02Z n1 : b\n");
    }

    @Test
    void whatHasNoTimeHasThatOfItsSegment() throws IOException {
        assertThat(shown(all(), "__CURSOR=x\n__REALTIME_TIMESTAMP=no\nMESSAGE=a\n\n"))
                .isEqualTo("1970-01-01T00:00:05Z  : a\n");
    }

    @Test
    void behindABreakTheNextEntryIsFound() throws IOException {
        JournalText text = all();
        byte[] begun = "__CURSOR=x\nMESSAGE=half".getBytes(StandardCharsets.US_ASCII);
        text.bytes(begun, 0, begun.length, 0);
        text.broken();
        assertThat(shown(text, entry(1, "MESSAGE=a\n"))).isEqualTo("1970-01-01T00:00:01Z n1 : a\n");
    }
}
