package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Running;
import io.kiroku.tls.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Agents get their certificates from their collector, with nobody else's help. */
final class EnrolmentIT {
    private static final int MEBI = 1 << 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static void enrolling(Site site, String... more) throws Exception {
        String[] options = new String[3 + more.length];
        options[0] = "--enroll";
        options[1] = "--tls-name";
        options[2] = "127.0.0.1";
        System.arraycopy(more, 0, options, 3, more.length);
        site.collectorOptions(options);
        site.startCollector();
    }

    private Path code(Site site, String name, String... more) throws Exception {
        String[] command = new String[5 + more.length];
        System.arraycopy(
                new String[] {"enroll", "--data", site.data().toString(), "--node", "node-a"}, 0, command, 0, 5);
        System.arraycopy(more, 0, command, 5, more.length);
        Outcome made = site.program().run(command);
        assertThat(made.exit()).as("%s", made).isZero();
        assertThat(made.text()).matches("kiroku-enroll-[A-Za-z0-9_-]{64}\n");
        return Files.writeString(directory.resolve(name), made.text());
    }

    private static void awaitSaid(Running who, Site site, String sentence) throws Exception {
        Await.until(
                Duration.ofSeconds(40),
                "it to be said: " + sentence,
                site::tails,
                () -> who.tail().contains(sentence));
    }

    private static void capture(Site site, String pod) throws Exception {
        PretendContainer container =
                site.node(Rotation.NONE).startPod("shop", pod).start("web");
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), MEBI, MEBI)) {
            writer.await(60);
        }
        site.awaitCaptured(Duration.ofSeconds(60));
    }

    @Test
    void aCodeIsAllThatANodeNeedsAndOnlyOnce() throws Exception {
        try (Site site = new Site(directory.resolve("site"))) {
            enrolling(site);
            Path code = code(site, "code");
            site.startAgent("--enroll", code.toString());
            site.awaitFirstSegment();
            assertThat(site.agent().tail()).contains("The agent of node node-a is enrolled");
            // The code is not needed any more.
            site.agent().kill();
            site.startAgent();
            capture(site, "web-1");
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();

            site.agent().kill();
            Running second = site.keep(site.startAgentOn(directory.resolve("second"), "--enroll", code.toString()));
            awaitSaid(second, site, "it refuses: node node-a is pinned to key ");
            second.kill();
            Outcome custody =
                    site.program().run("custody", "--data", site.data().toString(), "--action", "enrolment");
            assertThat(custody.exit()).as("%s", custody).isZero();
            assertThat(Files.readString(custody.stdout()))
                    .containsPattern("node node-a .*enrolment +answered")
                    .containsPattern("node node-a .*enrolment +refused");

            Outcome revoked =
                    site.program().run("agents", "revoke", "--data", site.data().toString(), "--node", "node-a");
            assertThat(revoked.exit()).as("%s", revoked).isZero();
            Running third = site.keep(site.startAgentOn(directory.resolve("third"), "--enroll", code.toString()));
            awaitSaid(third, site, "it refuses: this code was used already");
            third.kill();
            site.startAgent();
            awaitSaid(site.agent(), site, "was revoked at");
        }
    }

    @Test
    void certificatesAreRenewedBeforeTheyExpire() throws Exception {
        try (Site site = new Site(directory.resolve("site"))) {
            enrolling(site, "--certificate-life", "15s");
            site.startAgent("--enroll", code(site, "code").toString());
            site.awaitFirstSegment();
            awaitSaid(site.agent(), site, "The certificate of node node-a was renewed.");
            String first = Files.readString(site.state().resolve("tls/tls.crt"));
            Await.until(
                    Duration.ofSeconds(40),
                    "another renewal",
                    site::tails,
                    () -> !Files.readString(site.state().resolve("tls/tls.crt")).equals(first));
            capture(site, "web-1");
            site.assertVerifiedWithoutGaps();
        }
    }

    /** The collector shows the certificate of an authority of its operator's, and agents get theirs from its own. */
    @Test
    void aCollectorWithACertificateFromElsewhereEnrolsAndRenews() throws Exception {
        TestAuthority elsewhere = new TestAuthority("elsewhere");
        Path tls = elsewhere.write(
                Files.createDirectory(directory.resolve("tls")), elsewhere.issue("collector", "127.0.0.1"));
        try (Site site = new Site(directory.resolve("site"))) {
            site.collectorOptions("--tls", tls.toString(), "--enroll", "--certificate-life", "15s");
            site.startCollector();
            Path code = code(site, "code");
            // The code names the authority of agents: of the collector's the agent has to be told.
            Running untold = site.keep(site.startAgentOn(directory.resolve("untold"), "--enroll", code.toString()));
            awaitSaid(untold, site, "expected a certificate of the authority that the code names");
            untold.kill();

            site.startAgent(
                    "--enroll",
                    code.toString(),
                    "--enroll-ca",
                    tls.resolve("ca.crt").toString());
            site.awaitFirstSegment();
            String first = Files.readString(site.state().resolve("tls/tls.crt"));
            // The collector gets another certificate of that authority meanwhile.
            elsewhere.write(tls, elsewhere.issue("collector", "127.0.0.1"));
            Await.until(
                    Duration.ofSeconds(40),
                    "a renewal",
                    site::tails,
                    () -> !Files.readString(site.state().resolve("tls/tls.crt")).equals(first));
            capture(site, "web-1");
            // And then one of another authority, which stands in the file that the agent was told.
            TestAuthority later = new TestAuthority("later");
            site.collector().kill();
            later.write(tls, later.issue("collector", "127.0.0.1"));
            site.startCollector();
            capture(site, "web-2");
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            // Who has a certificate of that authority is an agent too, as without enrolment.
            Path own = later.write(Files.createDirectory(directory.resolve("own-tls")), later.issue("node-a"));
            site.agent().kill();
            Running pinned = site.keep(site.startAgentOn(directory.resolve("own"), "--tls", own.toString()));
            awaitSaid(pinned, site, "node node-a and its stream are pinned to key ");
        }
    }

    @Test
    void anotherCollectorsCodeIsNotShownToThisOne() throws Exception {
        try (Site site = new Site(directory.resolve("site"));
                Site other = new Site(directory.resolve("other"))) {
            enrolling(site);
            enrolling(other);
            site.startAgent("--enroll", code(other, "code").toString());
            awaitSaid(site.agent(), site, "expected a certificate of the authority that the code names");
            assertThat(Files.exists(site.state().resolve("tls/tls.crt"))).isFalse();
        }
    }
}
