package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.faults.Tampering;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.VolumeScan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A bundle on a stick leads whoever gets it to the same verdict, with our verifier and with other people's tools. */
final class Promise6HandedOverIT {
    private static final long MEBI = 1 << 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static Outcome run(Site site, int exit, Object... words) throws Exception {
        String[] command = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            command[i] = words[i].toString();
        }
        Outcome outcome = site.program().run(command);
        assertThat(outcome.exit()).as("%s", outcome).isEqualTo(exit);
        return outcome;
    }

    /** Two pods; a checkpoint is seen in between. */
    private Path capture(Site site) throws Exception {
        site.startCollector();
        site.startAgent();
        PretendNode node = site.node(Rotation.NONE);
        PretendContainer shop = node.startPod("shop", "web-1").start("web");
        PretendContainer other = node.startPod("bank", "db-1").start("db");
        try (PacedWriter one = PacedWriter.start(shop, site.seed(), MEBI, 3 * MEBI);
                PacedWriter two = PacedWriter.start(other, site.seed(), MEBI, 2 * MEBI)) {
            two.await(60);
            Path seen = directory.resolve("seen.checkpoint");
            Path newest = site.data().resolve("log/checkpoint");
            // A busy machine may not have logged enough yet for a rewritten log to contradict it.
            Await.until(
                    Duration.ofSeconds(60),
                    "a checkpoint of two entries or more",
                    () -> Long.parseLong(Files.readAllLines(newest).get(1)) >= 2);
            Files.copy(newest, seen);
            one.await(60);
            site.awaitCaptured(Duration.ofSeconds(30));
            return seen;
        } finally {
            site.shutDown();
        }
    }

    @Test
    void bundleHoldsForWhoeverGetsIt() throws Exception {
        try (Site site = new Site(directory)) {
            Path seen = capture(site);
            Path bundle = directory.resolve("shop.zip");
            Path again = directory.resolve("again.zip");
            Path receipt = site.state().resolve("receipt");
            for (Path to : new Path[] {bundle, again}) {
                run(
                        site,
                        0,
                        "bundle",
                        "create",
                        "--data",
                        site.data(),
                        "--case",
                        "K-7",
                        "--purpose",
                        "a test",
                        "-n",
                        "shop",
                        "--earlier",
                        seen,
                        "--receipt",
                        receipt,
                        "-o",
                        to);
            }
            assertThat(bundle).hasSameBinaryContentAs(again);
            run(
                    site,
                    1,
                    "bundle",
                    "create",
                    "--data",
                    site.data(),
                    "--case",
                    "K-7",
                    "--purpose",
                    "a test",
                    "-o",
                    again);
            run(
                    site,
                    1,
                    "bundle",
                    "create",
                    "--data",
                    site.data(),
                    "--case",
                    "K-7",
                    "--purpose",
                    "a test",
                    "--pod",
                    "nobody",
                    "-o",
                    directory.resolve("none.zip"));

            String key = Files.readAllLines(site.data().resolve("log.vkey")).getFirst();
            Outcome verified = run(site, 0, "verify", "--key", key, "--earlier", seen, bundle);
            assertThat(verified.text())
                    .contains(
                            "an evidence bundle",
                            "integrity     holds",
                            "completeness  holds",
                            "continues the tree of");
            assertThat(run(site, 0, "verify", bundle).text()).contains("The keys come from the bundle itself");
            assertThat(run(site, 0, "bundle", "show", bundle).text()).contains("K-7", "namespace shop", "web/0.log");
            assertThat(run(site, 0, "bundle", "declaration", bundle).text()).contains("DRAFT", "902(14)", "K-7");
            assertThat(run(site, 0, "bundle", "declaration", "--sheet", "ja", bundle)
                            .text())
                    .contains("草案", "同一性の検証");
            run(site, 0, "log", "check-receipt", "--receipt", receipt, "--data", site.data());

            Wanting.program("unpacking a bundle", "unzip");
            Path unpacked = directory.resolve("unpacked");
            Shell.bash("unzip -q \"$1\" -d \"$2\" && cd \"$2\" && sha256sum --quiet -c SHA256SUMS", bundle, unpacked);
            Path live = site.written().getFirst().live();
            Shell.bash("cmp \"$1\" \"$2\"/logs/shop/*/web/0.log; ! ls -d \"$2\"/logs/bank 2>/dev/null", live, unpacked);
            Wanting.program("the script in a bundle", "python3");
            Wanting.program("the script in a bundle", "openssl");
            assertThat(Shell.bash("python3 \"$1\"/verify.py --key \"$2\" \"$3\"", unpacked, key, bundle))
                    .contains("All holds");
        }
    }

    /** Bundles are made while the collector takes in more: each is whole as of its checkpoint, and none stops the collector. */
    @Test
    void bundleIsMadeWhileTheCollectorIngests() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            PretendContainer shop =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            try (PacedWriter writer = PacedWriter.start(shop, site.seed(), MEBI, 8 * MEBI)) {
                for (int i = 0; i < 3; i++) {
                    Thread.sleep(1_500);
                    Path bundle = directory.resolve("live-%d.zip".formatted(i));
                    run(
                            site,
                            0,
                            "bundle",
                            "create",
                            "--data",
                            site.data(),
                            "--case",
                            "K-8",
                            "--purpose",
                            "a test",
                            "-n",
                            "shop",
                            "-o",
                            bundle);
                    assertThat(run(site, 0, "verify", bundle).text())
                            .contains("integrity     holds", "completeness  holds");
                }
                writer.await(60);
            }
            assertThat(Files.size(directory.resolve("live-2.zip")))
                    .isGreaterThan(Files.size(directory.resolve("live-0.zip")));
            site.awaitCaptured(Duration.ofSeconds(30));
            site.shutDown();
            run(site, 0, "verify", site.data());
        }
    }

    @Test
    void whateverIsDoneToABundleIsCaught() throws Exception {
        try (Site site = new Site(directory)) {
            capture(site);
            Path bundle = directory.resolve("all.zip");
            run(
                    site,
                    0,
                    "bundle",
                    "create",
                    "--data",
                    site.data(),
                    "--case",
                    "K-8",
                    "--purpose",
                    "a test",
                    "-o",
                    bundle);
            Random random = site.random();
            for (int i = 0; i < 5; i++) {
                Path flipped = directory.resolve("flipped-" + i);
                Files.copy(bundle, flipped);
                Tampering.flip(flipped, random.nextLong(Files.size(flipped)), random.nextInt(8));
                run(site, 1, "verify", flipped);
            }
        }
    }

    /** The collector's operator takes a segment away and has the log made anew, with its own keys. */
    @Test
    void rewrittenLogIsCaughtByAReceiptAndByAnEarlierCheckpoint() throws Exception {
        try (Site site = new Site(directory)) {
            Path seen = capture(site);
            Path receipt = site.state().resolve("receipt");
            Path data = site.data();
            Tampering.drop(VolumeScan.segments(data).get(1));
            Shell.bash("rm -r \"$1\"/log \"$1\"/catalogue", data);
            site.startCollector();
            site.shutDown();

            Outcome held = run(site, 1, "log", "check-receipt", "--receipt", receipt, "--data", data);
            assertThat(held.stderr()).containsAnyOf("the log was rewritten", "entries were taken away");
            Outcome refused = run(
                    site,
                    1,
                    "bundle",
                    "create",
                    "--data",
                    data,
                    "--case",
                    "K-9",
                    "--purpose",
                    "a test",
                    "--earlier",
                    seen,
                    "-o",
                    directory.resolve("refused.zip"));
            assertThat(refused.stderr()).contains("does not continue the tree of");
        }
    }
}
