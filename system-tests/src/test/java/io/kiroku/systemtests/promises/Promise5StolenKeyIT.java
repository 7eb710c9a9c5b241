package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Keys are replaced without a trace in the evidence; and what a stolen one signs does not count, in front of anybody. */
final class Promise5StolenKeyIT {
    private static final long MEBI = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Pattern KEY = Pattern.compile("(?m)^agent .* valid +([0-9a-f]{64})$");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static void write(Site site, PretendContainer container) throws Exception {
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), 80 * MEBI, 3 * MEBI)) {
            writer.await(60);
        }
        site.awaitCaptured(BOUND);
    }

    private static String run(Site site, int exit, String... arguments) throws Exception {
        Outcome outcome = site.program().run(arguments);
        assertThat(outcome.exit()).as("%s%n%s", outcome, site.tails()).isEqualTo(exit);
        return outcome.text() + outcome.stderr();
    }

    @Test
    void everyKeyIsReplacedAndTheEvidenceStaysWhole() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            String data = site.data().toString();
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            PretendContainer container = site.node(new Rotation(10 * MEBI, 5, Duration.ofSeconds(1), Duration.ZERO))
                    .startPod("shop", "web")
                    .start("app");
            write(site, container);
            assertThat(run(
                            site,
                            1,
                            "keys",
                            "rotate",
                            "identity",
                            "--state",
                            site.state().toString()))
                    .contains("another agent is running");
            assertThat(run(site, 1, "keys", "rotate", "log", "--data", data)).contains("another");
            site.shutDown();

            run(site, 0, "keys", "rotate", "identity", "--state", site.state().toString());
            run(site, 0, "keys", "rotate", "receipts", "--data", data);
            run(site, 0, "keys", "rotate", "log", "--data", data);
            site.startCollector();
            site.startAgent();
            write(site, container);
            site.shutDown();
            run(site, 0, "keys", "retire", "--data", data);
            site.startCollector();
            site.startAgent();
            write(site, container);

            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            String keys = run(site, 0, "keys", "list", "--data", data);
            assertThat(keys.lines().filter(line -> line.contains(" replaced "))).hasSize(4);
            Path bundle = directory.resolve("bundle");
            run(
                    site,
                    0,
                    "bundle",
                    "create",
                    "--data",
                    data,
                    "--case",
                    "K",
                    "--purpose",
                    "test",
                    "-o",
                    bundle.toString());
            assertThat(run(site, 0, "verify", bundle.toString())).contains("integrity");
            site.shutDown();
        }
    }

    @Test
    void whatAStolenIdentitySignsIsRefusedAndWhatItSignedBeforeStays() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            String data = site.data().toString();
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            PretendContainer container = site.node(new Rotation(10 * MEBI, 5, Duration.ofSeconds(1), Duration.ZERO))
                    .startPod("shop", "web")
                    .start("app");
            write(site, container);
            Matcher key = KEY.matcher(run(site, 0, "keys", "list", "--data", data));
            assertThat(key.find()).isTrue();
            Thread.sleep(1100);
            List<String> revoke =
                    List.of("keys", "revoke", key.group(1), "--reason", "a copy was found", "--data", data);
            run(site, 0, with(revoke, "--since", "0s"));
            Await.until(
                    BOUND,
                    "the agent to be refused",
                    site::tails,
                    () -> site.tails().contains("is revoked as of"));
            assertThat(run(site, 0, "keys", "list", "--data", data)).contains("revoked as of");
            site.assertVerified();
            Path bundle = directory.resolve("before");
            run(
                    site,
                    0,
                    "bundle",
                    "create",
                    "--data",
                    data,
                    "--case",
                    "K",
                    "--purpose",
                    "test",
                    "-o",
                    bundle.toString());
            assertThat(run(site, 0, "verify", bundle.toString())).contains("1 keys are revoked");

            run(site, 0, with(revoke, "--since", "1d"));
            assertThat(run(site, 1, "verify", data)).contains("was revoked as of", "a copy was found");
            Outcome refused = site.program()
                    .run(
                            "bundle",
                            "create",
                            "--data",
                            data,
                            "--case",
                            "K",
                            "--purpose",
                            "test",
                            "-o",
                            directory.resolve("after").toString());
            assertThat(refused.text()).as("%s", refused).contains("revoked");
            site.agent().terminate(BOUND);
            site.shutDown();
        }
    }

    private static String[] with(List<String> command, String... more) {
        return Stream.concat(command.stream(), Arrays.stream(more)).toArray(String[]::new);
    }
}
