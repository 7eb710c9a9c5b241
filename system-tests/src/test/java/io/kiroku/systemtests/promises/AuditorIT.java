package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.evidence.time.OpensslTsa;
import io.kiroku.evidence.time.TsaServer;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * An auditor who trusts neither node, nor operator, nor us: he gets a bundle on a stick, has the keys of two witnesses and
 * of a timestamping authority from elsewhere, and checks it with our verifier and with a script in another language.
 */
final class AuditorIT {
    private static final long MEBI = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @BeforeEach
    void whatHeUses() throws Exception {
        for (String program : List.of("openssl", "python3", "unzip")) {
            Wanting.program("a bundle as an auditor checks it", program);
        }
    }

    private static boolean isStamped(Path timestamps) throws Exception {
        if (!Files.isDirectory(timestamps)) {
            return false;
        }
        try (Stream<Path> files = Files.list(timestamps)) {
            return files.anyMatch(file -> file.toString().endsWith(".tsr"));
        }
    }

    @Test
    void aBundleIsCheckedByAStranger() throws Exception {
        List<Running> witnesses = new ArrayList<>();
        Path bundle = directory.resolve("stick/C-17.zip");
        Files.createDirectories(bundle.getParent());
        Path policy;
        OpensslTsa authority = OpensslTsa.in(Files.createDirectory(directory.resolve("tsa")), "example");
        Program program;
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")));
                TsaServer tsa = TsaServer.start(authority::reply)) {
            program = site.program();
            site.startCollector();
            policy = Witnesses.start(site, directory, witnesses);
            assertThat(site.collector().terminate(BOUND)).isZero();
            site.collectorOptions(
                    "--witnesses", policy.toString(), "--tsa", tsa.url().toString(), "--tsa-every", "1s");
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            PretendContainer container = site.node(new Rotation(10 * MEBI, 5, Duration.ofSeconds(1), Duration.ZERO))
                    .startPod("shop", "web")
                    .start("app");
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 80 * MEBI, 6 * MEBI)) {
                writer.await(60);
            }
            container.crash();
            site.awaitCaptured(BOUND);
            Path log = site.data().resolve("log");
            Await.until(BOUND, "a checkpoint to be witnessed and stamped", site::tails, () -> {
                boolean isThere = Files.exists(log.resolve("witnessed")) && isStamped(log.resolve("timestamps"));
                return isThere && create(site, policy, tsa, bundle).exit() == 0;
            });
            site.shutDown();
        } finally {
            witnesses.forEach(Running::close);
        }
        Path authorities = authority.ca();
        Outcome verdict = program.run(
                "verify", bundle.toString(), "--policy", policy.toString(), "--tsa-ca", authorities.toString());
        assertThat(verdict.exit()).as("%s", verdict).isZero();
        assertThat(verdict.text())
                .contains(
                        "north.example.org/witness",
                        "south.example.org/witness",
                        "was there at",
                        "has the headers of all");

        assertThat(Shell.run(
                                "unzip",
                                "-q",
                                bundle.toString(),
                                "-d",
                                directory.resolve("out").toString())
                        .exit())
                .isZero();
        Shell.Outcome script =
                Shell.run("python3", directory.resolve("out/verify.py").toString(), bundle.toString());
        assertThat(script.exit()).as("%s", script).isZero();

        byte[] bytes = Files.readAllBytes(bundle);
        bytes[bytes.length / 2] ^= 1;
        Path changed = Files.write(bundle.resolveSibling("changed.zip"), bytes);
        assertThat(program.run("verify", changed.toString()).exit()).isEqualTo(1);
        assertThat(Shell.run("python3", directory.resolve("out/verify.py").toString(), changed.toString())
                        .exit())
                .isNotZero();
    }

    /** Until the witnesses have seen the last segment, something of the selection is not in the bundle. */
    private static Outcome create(Site site, Path policy, TsaServer tsa, Path bundle) throws Exception {
        Files.deleteIfExists(bundle);
        return site.program()
                .run(
                        "bundle",
                        "create",
                        "--data",
                        site.data().toString(),
                        "--case",
                        "C-17",
                        "--purpose",
                        "what the shop said before it died",
                        "-n",
                        "shop",
                        "--policy",
                        policy.toString(),
                        "--tsa",
                        tsa.url().toString(),
                        "-o",
                        bundle.toString());
    }
}
