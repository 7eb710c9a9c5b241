package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.verify.Report;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.Captured;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Evidence that is lost on either side: the streams go on, and what is gone is declared, to the byte where it is known. */
final class LostDiskIT {
    private static final long MEBI = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static void write(Site site, PretendContainer container, long bytes) throws Exception {
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), 80 * MEBI, bytes)) {
            writer.await(60);
        }
    }

    private static long writtenBytes(Site site) {
        return site.written().stream().mapToLong(Written::length).sum();
    }

    /** Waits until every byte is in the store or in a gap whose length is known. */
    private static Report awaitAccounts(Site site) throws Exception {
        Report[] last = new Report[1];
        Await.until(BOUND, "every byte to be stored or declared lost", () -> last[0] + site.tails(), () -> {
            last[0] = StoreVerification.verify(
                    site.data(), RevocationCheck.none(), LogAgreement.of(site.data()), (_, _) -> {});
            assertThat(site.agent().isAlive()).as(site.tails()).isTrue();
            return last[0].holds()
                    && new Captured(site.data()).look().raw() + last[0].counts().gapBytes() == writtenBytes(site);
        });
        return last[0];
    }

    private static List<Entry.Gap> gapsOf(Report report, Written log) {
        return report.gaps().stream()
                .filter(gap -> String.valueOf(gap.source()).equals(log.live().toString()))
                .map(Report.DeclaredGap::gap)
                .sorted(Comparator.comparingLong(Entry.Gap::from))
                .toList();
    }

    /** What the command prints of a log is what was written, without the bytes that are declared lost. */
    private static void assertPrintsAllBut(Site site, Written log, List<Entry.Gap> gaps) throws Exception {
        byte[] all = Files.readAllBytes(log.live());
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        int at = 0;
        for (Entry.Gap gap : gaps) {
            expected.write(all, at, (int) gap.from() - at);
            at = (int) gap.to();
        }
        expected.write(all, at, all.length - at);
        Outcome outcome = site.program()
                .run(
                        "logs",
                        "--data",
                        site.data().toString(),
                        "-n",
                        log.namespace(),
                        log.pod(),
                        "-c",
                        log.container(),
                        "--raw");
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(Files.readAllBytes(outcome.stdout())).as("%s", log).isEqualTo(expected.toByteArray());
    }

    private static void loseCollectorsDisk(Site site) throws Exception {
        site.collector().kill();
        Shell.bash("rm -rf \"$1\"", site.data());
        site.startCollector();
    }

    private static void awaitReceipts(Site site) throws Exception {
        Captured captured = new Captured(site.data());
        Await.until(
                BOUND,
                "all that was written to be stored",
                site::tails,
                () -> captured.look().raw() == writtenBytes(site));
    }

    @Test
    void ringThatIsOverwrittenDeclaresEachByte() throws Exception {
        try (Site site = new Site(directory)) {
            PretendNode node = site.node(Rotation.NONE);
            PretendContainer flood = node.startPod("shop", "flood").start("web");
            PretendContainer brief = node.startPod("shop", "brief").start("web");
            site.startCollector();
            site.startAgent("--ring-size", "16MiB", "--ring-full", "overwrite");
            write(site, flood, MEBI);
            awaitReceipts(site);
            site.collector().kill();
            write(site, brief, 10_000);
            write(site, flood, 120 * MEBI);
            site.agent().kill();
            site.startAgent("--ring-size", "16MiB", "--ring-full", "overwrite");
            write(site, flood, 120 * MEBI);
            Await.until(
                    BOUND,
                    "the agent to have given up segments and read everything",
                    site::tails,
                    () -> site.agent().output().contains("are given up for newer ones")
                            && site.agentMetrics().getOrDefault("kiroku_agent_pending_bytes", 1.0) == 0);
            site.startCollector();

            Report report = awaitAccounts(site);
            assertThat(report.counts().unknownGaps()).as("%s", report.gaps()).isZero();
            assertThat(report.gaps())
                    .extracting(gap -> gap.gap().cause())
                    .isNotEmpty()
                    .containsOnly(GapCause.RING_OVERRUN);
            for (Written log : site.written()) {
                List<Entry.Gap> gaps = gapsOf(report, log);
                assertThat(gaps).as("%s", log).isNotEmpty();
                assertPrintsAllBut(site, log, gaps);
            }
            assertThat(site.program()
                            .run("gaps", "--data", site.data().toString())
                            .text())
                    .contains("shop/flood web/0", "shop/brief web/0", "RING_OVERRUN", "and 0 of unknown length");
            site.shutDown();
        }
    }

    @Test
    void collectorThatLosesItsDiskIsSentWhatTheRingHas() throws Exception {
        try (Site site = new Site(directory)) {
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web").start("web");
            site.startCollector();
            site.startAgent("--ring-size", "64MiB");
            write(site, container, 20 * MEBI);
            awaitReceipts(site);
            loseCollectorsDisk(site);
            write(site, container, 5 * MEBI);
            Report report = awaitAccounts(site);
            assertThat(report.gaps()).isEmpty();
            // The agent's, and that of the collector's custody log.
            assertThat(report.counts().epochs()).isEqualTo(2);
            assertPrintsAllBut(site, site.written().getFirst(), List.of());
            site.shutDown();
        }
    }

    @Test
    void whatTheRingHasNoMoreEitherIsDeclared() throws Exception {
        try (Site site = new Site(directory)) {
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web").start("web");
            site.startCollector();
            site.startAgent("--ring-size", "16MiB");
            write(site, container, 90 * MEBI);
            awaitReceipts(site);
            loseCollectorsDisk(site);
            write(site, container, 5 * MEBI);
            Report report = awaitAccounts(site);
            List<Entry.Gap> gaps = gapsOf(report, site.written().getFirst());
            assertThat(gaps).singleElement().satisfies(gap -> {
                assertThat(gap.from()).isZero();
                assertThat(gap.cause()).isEqualTo(GapCause.COLLECTOR_LOST);
            });
            assertThat(report.counts().unknownGaps())
                    .as("what else was in the segments, nobody knows")
                    .isEqualTo(1);
            assertPrintsAllBut(site, site.written().getFirst(), gaps);
            site.shutDown();
        }
    }

    @Test
    void nodeThatLosesItsRingGoesOnBehindWhatTheCollectorHas() throws Exception {
        try (Site site = new Site(directory)) {
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web").start("web");
            site.startCollector();
            site.startAgent("--ring-size", "16MiB");
            write(site, container, 10 * MEBI);
            awaitReceipts(site);
            long before = writtenBytes(site);
            site.agent().kill();
            site.collector().kill();
            Files.delete(site.state().resolve("ring"));
            site.startAgent("--ring-size", "16MiB");
            Await.until(
                    BOUND,
                    "the agent to say what it waits for",
                    site::tails,
                    () -> site.agent()
                            .output()
                            .contains("nothing is read until the collector says where the stream ends"));
            write(site, container, 5 * MEBI);
            site.startCollector();
            Captured captured = new Captured(site.data());
            Await.until(
                    BOUND,
                    "the log to be captured again from its start",
                    site::tails,
                    () -> captured.look().raw() == before + writtenBytes(site));

            Report report = StoreVerification.verify(
                    site.data(), RevocationCheck.none(), LogAgreement.of(site.data()), (_, _) -> {});
            assertThat(report.holds()).as("%s", report).isTrue();
            // The agent's stream, and that of the collector's custody log.
            assertThat(report.counts().streams()).isEqualTo(2);
            assertThat(report.counts().epochs()).isEqualTo(3);
            assertThat(gapsOf(report, site.written().getFirst()))
                    .singleElement()
                    .satisfies(gap -> {
                        assertThat(gap.cause()).isEqualTo(GapCause.RING_LOST);
                        assertThat(gap.from()).isEqualTo(before);
                        assertThat(gap.to()).isEqualTo(Entry.UNKNOWN);
                    });
            assertPrintsAllBut(site, site.written().getFirst(), List.of());
            assertThat(site.collector().output()).contains("has lost its ring");
            site.shutDown();
        }
    }

    @Test
    void nodeThatLosesItsIdentityTooBeginsAnotherStream() throws Exception {
        try (Site site = new Site(directory)) {
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web").start("web");
            site.startCollector();
            site.startAgent();
            write(site, container, MEBI);
            awaitReceipts(site);
            long before = writtenBytes(site);
            site.agent().kill();
            Shell.bash("rm -rf \"$1\"", site.state());
            site.startAgent();
            write(site, container, MEBI);
            Captured captured = new Captured(site.data());
            Await.until(
                    BOUND,
                    "the log to be captured again from its start",
                    site::tails,
                    () -> captured.look().raw() == before + writtenBytes(site));
            site.assertVerified();
            assertThat(site.collector().output()).contains("node node-a has another stream now: its stream ");
            assertThat(site.program()
                            .run("sources", "--data", site.data().toString())
                            .text())
                    .contains("cut off", "following");
            site.shutDown();
        }
    }
}
