package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The bytes come back as they lay in the file, whatever they are and whatever the file is called. */
final class Promise2BitExactIT {
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void anyBytesComeBackAsTheyWere() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            PretendNode node = site.node(Rotation.atOnce(1 << 20, Duration.ofMillis(2)));
            Random random = site.random();

            PretendContainer nul = node.startPod("odd", "nul").start("app");
            print(nul, "before");
            nul.write(ByteBuffer.allocate(300_000));
            print(nul, "after");

            PretendContainer noise = node.startPod("odd", "noise").start("app");
            for (int i = 0; i < 20; i++) {
                byte[] bytes = new byte[1 + random.nextInt(200_000)];
                random.nextBytes(bytes);
                noise.write(ByteBuffer.wrap(bytes));
            }

            PretendContainer parts = node.startPod("odd", "parts").start("app");
            print(parts, "carriage return at the end\r");
            print(parts, "x".repeat(16_384));
            print(parts, "y".repeat(16_385));
            print(parts, "");
            print(parts, "größer, 大きい, больше, \uD83D\uDCE6");
            parts.print(StdStream.STDERR, text("no newline at the end of what it said"), false);

            node.startPod("odd", "silent").start("app");

            site.awaitCaptured(CATCH_UP);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void lineOfFiftyMegabytesComesBackInBoundedMemory() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            PretendNode node = site.node(Rotation.NONE);
            PretendContainer container = node.startPod("odd", "endless").start("app");
            byte[] piece = new byte[1 << 20];
            Random random = site.random();
            for (int i = 0; i < 50; i++) {
                for (int at = 0; at < piece.length; at++) {
                    piece[at] = (byte) ('a' + (random.nextInt() >>> 28));
                }
                container.write(ByteBuffer.wrap(piece));
            }
            site.awaitCaptured(CATCH_UP);
            assertThat(site.agent().stats().peakBytes())
                    .as("agent's peak memory")
                    .isLessThan(400L << 20);
            assertThat(site.collector().stats().peakBytes())
                    .as("collector's peak memory")
                    .isLessThan(600L << 20);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void filesOfAnyNameAreCaptured() throws Exception {
        try (Site site = new Site(directory)) {
            Path logs = Files.createDirectory(directory.resolve("logs"));
            Shell.bash("""
                cd "$1"
                echo 'plain name' > plain.log
                echo 'spaces in the name' > 'with  two spaces.log'
                echo 'name in UTF-8' > 'größe-記録.log'
                echo 'name in Latin-1' > $'caf\\xe9.log'
                echo 'name that means something to a terminal' > $'red\\x1b[31m.log'
                echo 'name with a newline' > $'two\\nlines.log'
                : > empty.log
                """, logs);
            site.startCollector();
            site.startAgent("--logs", logs + "/*.log");
            FilePath base = FilePath.of(logs.toString());
            byte[] latin1 = {'c', 'a', 'f', (byte) 0xe9, '.', 'l', 'o', 'g'};
            Await.until(CATCH_UP, "the files to be stored", site::tails, () -> {
                site.captured().look();
                return captured(site, base, FilePath.of("plain.log")) == "plain name\n".length()
                        && captured(site, base, FilePath.of("with  two spaces.log")) > 0
                        && captured(site, base, FilePath.of("größe-記録.log")) > 0
                        && captured(site, base, FilePath.of(latin1)) > 0
                        && captured(site, base, FilePath.of("red\u001b[31m.log")) > 0
                        && captured(site, base, FilePath.of("two\nlines.log")) > 0;
            });

            assertPrints(site, "spaces in the name\n", logs + "/with  two*");
            assertPrints(site, "name in UTF-8\n", logs + "/größe-*");
            assertPrints(site, "name in Latin-1\n", logs + "/caf*");
            Outcome sources =
                    site.program().run("sources", "--data", site.data().toString());
            assertThat(sources.exit()).as("%s", sources).isZero();
            assertThat(sources.text())
                    .contains("plain.log", "caf\\xe9.log", "größe-記録.log")
                    .as("no terminal escape of a file's name reaches the terminal")
                    .doesNotContain("\u001b[31m");
            site.assertVerifiedWithoutGaps();
        }
    }

    private static long captured(Site site, FilePath directory, FilePath name) {
        return site.captured().bytesOf(directory.resolve(name));
    }

    private static void assertPrints(Site site, String expected, String glob) throws Exception {
        Outcome outcome = site.program().run("logs", "--data", site.data().toString(), "--path", glob, "--raw");
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.text()).isEqualTo(expected);
    }

    private static void print(PretendContainer container, String line) throws Exception {
        assertThat(container.print(StdStream.STDOUT, text(line), true)).isTrue();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
