package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.evidence.record.Entry.GapCause;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CaptureProgressTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIB = 1 << 20;

    private static AgentStatus status(
            long read, long pending, long sealed, long acknowledged, boolean connected, String notice) {
        return new AgentStatus(
                12,
                14,
                read * MIB,
                sealed * MIB,
                sealed * MIB / 4,
                sealed,
                acknowledged,
                sealed,
                pending * MIB,
                1 << 30,
                MIB,
                notice.isEmpty() ? Map.of() : Map.of(GapCause.TRUNCATED, 2L),
                14,
                0,
                "",
                connected,
                false,
                pending == 0,
                notice,
                Optional.empty());
    }

    private static CaptureProgress started() {
        return new CaptureProgress(status(0, 200, 0, 0, false, ""), 0);
    }

    @Test
    void beforeItIsConnectedItStarts() {
        assertThat(started().block())
                .containsExactly(
                        "  sources       12, 14 files open, 0 gaps",
                        "  captured      0 B               0 B/s",
                        "  sealed        0 B        0 segments, stored in 0 B (-)",
                        "  acknowledged  0 B        up to segment 0 of 0",
                        "  starting");
    }

    @Test
    void whileCatchingUpThereIsABar() {
        CaptureProgress progress = started();
        progress.update(status(50, 150, 48, 0, true, ""), SECOND);
        progress.update(status(100, 100, 98, 50, true, ""), 2 * SECOND);
        assertThat(progress.block())
                .containsExactly(
                        "  sources       12, 14 files open, 0 gaps",
                        "  captured      100 MiB      43.1 MiB/s",
                        "  sealed        98.0 MiB   98 segments, stored in 24.5 MiB (4.0 : 1)",
                        "  acknowledged  50.0 MiB   up to segment 50 of 98",
                        "  [#######.......................]  25 %  150 MiB behind");
        assertThat(progress.line())
                .isEqualTo("sources 12, captured 100 MiB (43.1 MiB/s), sealed 98 segments (4.0 : 1), acknowledged 50 of"
                        + " 98, lag 150 MiB, gaps 0");
    }

    @Test
    void whenAllIsAcknowledgedItSaysSo() {
        CaptureProgress progress = started();
        progress.update(status(200, 0, 200, 100, true, ""), SECOND);
        progress.update(status(200, 0, 200, 200, true, ""), 2 * SECOND);
        assertThat(progress.lag()).isZero();
        assertThat(progress.block()).last().isEqualTo("  everything known is stored");
        assertThat(progress.summary())
                .containsExactly(
                        "Captured 200 MiB of 12 sources in 200 segments, 50.0 MiB stored (4.0 : 1), 0 gaps.",
                        "Everything sealed has its receipt.");
    }

    @Test
    void troubleIsTold() {
        CaptureProgress progress = started();
        progress.update(status(10, 0, 10, 0, true, ""), SECOND);
        progress.update(status(10, 0, 10, 0, false, ""), 2 * SECOND);
        assertThat(progress.block()).last().isEqualTo("  ! no collector takes segments, 10.0 MiB behind");
        progress.update(status(10, 0, 10, 9, false, "the disk is full"), 3 * SECOND);
        assertThat(progress.block()).last().isEqualTo("  ! the disk is full");
        assertThat(progress.block()).first().isEqualTo("  sources       12, 14 files open, 2 gaps");
        assertThat(progress.summary())
                .last()
                .isEqualTo("1 segment has no receipt yet: safe in the ring, they are sent at the next start.");
    }

    @Test
    void aRateGoesDownToNothing() {
        CaptureProgress progress = started();
        progress.update(status(100, 0, 100, 100, true, ""), SECOND);
        for (int i = 2; i < 30; i++) {
            progress.update(status(100, 0, 100, 100, true, ""), i * SECOND);
        }
        assertThat(progress.block().get(1)).endsWith(" 0 B/s");
    }

    @Test
    void heartbeatsAreNoNews() {
        CaptureProgress progress = started();
        progress.update(status(10, 0, 10, 10, true, ""), SECOND);
        String news = progress.news();
        progress.update(status(10, 0, 10, 10, true, ""), 20 * SECOND);
        assertThat(progress.news()).isEqualTo(news);
        progress.update(status(11, 0, 11, 11, true, ""), 21 * SECOND);
        assertThat(progress.news()).isNotEqualTo(news);
    }

    @Test
    void aBarComesOnlyWhereItTakesLong() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long[] now = {5 * SECOND};
        ProgressBar bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), true, () -> now[0]);
        bar.show(10 * MIB, 100 * MIB);
        now[0] += SECOND;
        bar.show(20 * MIB, 100 * MIB);
        bar.show(21 * MIB, 100 * MIB);
        now[0] += SECOND;
        bar.show(40 * MIB, 100 * MIB);
        bar.clear();
        assertThat(out.toString(StandardCharsets.UTF_8).replace("\u001b[", "<").replace("\r", "|"))
                .isEqualTo("|[######........................]  20 %  20.0 MiB of 100 MiB, 20.0 MiB/s<K"
                        + "|[############..................]  40 %  40.0 MiB of 100 MiB, 20.0 MiB/s<K|<K");
        out.reset();
        ProgressBar none = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), false, () -> now[0]);
        now[0] += SECOND;
        none.show(1, 2);
        none.clear();
        assertThat(out.size()).isZero();
    }

    @Test
    void barsAreFilledFromTheLeft() {
        assertThat(ProgressBar.bar(0, 10)).isEqualTo("[..............................]   0 %");
        assertThat(ProgressBar.bar(999, 1000)).isEqualTo("[#############################.]  99 %");
        assertThat(ProgressBar.bar(10, 10)).isEqualTo("[##############################] 100 %");
        assertThat(ProgressBar.bar(20, 10)).endsWith("100 %");
        assertThat(ProgressBar.bar(0, 0)).endsWith("100 %");
    }
}
