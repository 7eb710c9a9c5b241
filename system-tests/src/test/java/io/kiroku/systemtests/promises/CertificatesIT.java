package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.tls.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Agent and collector speak TLS, and their certificates come and go while they do. */
final class CertificatesIT {
    private static final int MEBI = 1 << 20;

    /** Longer than a process takes to find out that its certificates have changed. */
    private static final Duration NOTICED = Duration.ofSeconds(4);

    private final TestAuthority authority = new TestAuthority("authority");
    private TestAuthority.Issued shown = authority.issue("node-a");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Path agents() {
        return directory.resolve("agent-tls");
    }

    private Path collectors() {
        return directory.resolve("collector-tls");
    }

    private Site site() throws Exception {
        authority.mount(collectors(), authority.issue("collector", "localhost", "127.0.0.1"));
        authority.mount(agents(), shown);
        Site site = new Site(directory.resolve("site"));
        site.collectorOptions("--tls", collectors().toString());
        return site;
    }

    @Test
    void certificatesAreRotatedUnderLoad() throws Exception {
        try (Site site = site()) {
            site.startCollector();
            site.startAgent("--tls", agents().toString());
            site.awaitFirstSegment();
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 2 * MEBI, 32 * MEBI)) {
                for (int round = 0; round < 3; round++) {
                    // The connection under way ends with the certificate that it was made with: so the agent comes
                    // back.
                    authority.revoke(shown);
                    shown = authority.issue("node-a");
                    authority.mount(agents(), shown);
                    Path collector =
                            authority.mount(collectors(), authority.issue("collector", "localhost", "127.0.0.1"));
                    authority.writeRevocations(collector.resolve("..data"));
                    TimeUnit.MILLISECONDS.sleep(NOTICED.toMillis());
                    assertConnected(site);
                }
                writer.await(60);
            }
            assertThat(site.collector().tail()).contains("the connection is closed: the certificate of CN=node-a");
            site.awaitCaptured(Duration.ofSeconds(60));
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void anAgentGoesOnWithItsNewCertificateWhenTheOldIsRevoked() throws Exception {
        try (Site site = site()) {
            TestAuthority.Issued stolen = authority.issue("node-a");
            authority.write(directory.resolve("plain-tls"), stolen);
            site.startCollector();
            site.startAgent("--tls", directory.resolve("plain-tls").toString());
            site.awaitFirstSegment();
            authority.revoke(stolen);
            authority.writeRevocations(collectors().resolve("..data"));
            Await.until(
                    Duration.ofSeconds(20),
                    "the agent to be told that its certificate is revoked",
                    site::tails,
                    () -> site.agent().tail().contains("this side's certificate was revoked"));
            assertThat(site.collector().tail()).contains("was revoked at");
            authority.write(directory.resolve("plain-tls"), authority.issue("node-a"));
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), MEBI, MEBI)) {
                writer.await(30);
            }
            site.awaitCaptured(Duration.ofSeconds(60));
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void trouble() throws Exception {
        try (Site site = site()) {
            site.startCollector();
            site.startAgent();
            awaitNotice(site, "expected TLS, found plain text");
            site.agent().kill();
            site.startAgent("--tls", agents().toString(), "--collector-name", "other.example");
            awaitNotice(site, "expected a certificate for other.example, found one for localhost, 127.0.0.1");
            site.agent().kill();
            site.collector().kill();
            site.collectorOptions();
            site.startCollector();
            site.startAgent("--tls", agents().toString());
            awaitNotice(site, "the other side does not speak TLS on this port");
            assertThat(site.collector().tail()).contains("found the beginning of TLS");
        }
    }

    @Test
    void misuse() throws Exception {
        try (Site site = site()) {
            Outcome beyond = site.program()
                    .run(
                            "agent",
                            "--node",
                            "node-a",
                            "--state",
                            site.state().toString(),
                            "--collector",
                            "192.0.2.1:4470");
            assertThat(beyond.exit()).as("%s", beyond).isEqualTo(2);
            assertThat(beyond.stderr()).contains("--tls DIR");
            Files.delete(collectors().resolve("..data/ca.crt"));
            Outcome alone = site.program()
                    .run(
                            "collector",
                            "--data",
                            site.data().toString(),
                            "--listen",
                            "0.0.0.0:" + Ports.free(),
                            "--http",
                            "127.0.0.1:" + Ports.free(),
                            "--tls",
                            collectors().toString());
            assertThat(alone.exit()).as("%s", alone).isNotZero();
            assertThat(alone.stderr()).contains("ca.crt").doesNotContain("\tat ");
        }
    }

    private static void awaitNotice(Site site, String sentence) throws Exception {
        Await.until(
                Duration.ofSeconds(30),
                "the agent to say: " + sentence,
                site::tails,
                () -> site.agent().tail().contains(sentence));
    }

    private static void assertConnected(Site site) throws Exception {
        Await.until(
                Duration.ofSeconds(10),
                "the agent to be connected",
                site::tails,
                () -> site.agentMetrics().getOrDefault("kiroku_agent_connected", 0.0) == 1);
    }
}
