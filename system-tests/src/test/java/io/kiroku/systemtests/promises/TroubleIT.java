package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.PretendPod;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.evidence.record.Entry.EventKind;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Trouble around the logs: each gets one clear sentence, and disturbs nothing else. */
final class TroubleIT {
    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void directoryThatCannotBeReadIsNamedOnceAndTheRestIsCaptured() throws Exception {
        try (Site site = new Site(directory)) {
            PretendNode node = site.node(Rotation.NONE);
            PretendContainer open = node.startPod("shop", "open").start("web");
            PretendPod closed = node.startPod("shop", "closed");
            PretendContainer hidden = closed.start("web");
            print(hidden, "nobody is to read this yet");
            if (Shell.run("id", "-u").text().strip().equals("0")) {
                // Root reads everything unless it is without these two, and then only what is root's.
                site.agentPrefix("setpriv", "--bounding-set=-dac_override,-dac_read_search");
                Shell.bash("chown 65534 \"$1\"", closed.directory());
            }
            Shell.bash("chmod 0700 \"$1\"; [ -O \"$1\" ] && chmod 0 \"$1\" || true", closed.directory());
            site.startCollector();
            Running agent = site.startAgent();
            print(open, "this is for all");
            Path seen = open.written().getFirst().live();
            Await.until(
                    BOUND,
                    "the readable pod to be stored",
                    site::tails,
                    () -> site.captured().look().bytesOf(seen) > 0);
            Await.until(
                    BOUND,
                    "an event in the chain on what cannot be read",
                    site::tails,
                    () -> site.captured().look().events().stream()
                            .anyMatch(event -> event.kind() == EventKind.UNREADABLE));
            Await.until(
                    BOUND,
                    "a sentence on what cannot be read",
                    site::tails,
                    () -> agent.output().contains(closed.directory().toString()));
            assertThat(agent.output().lines().filter(line -> line.contains(closed.name())))
                    .hasSizeLessThan(4);

            Shell.bash("chown \"$(id -u)\" \"$1\"; chmod 0755 \"$1\"", closed.directory());
            site.awaitCaptured(BOUND);
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void copytruncateIsNoticedAndWhatMayBeLostIsAGap() throws Exception {
        try (Site site = new Site(directory)) {
            Path logs = Files.createDirectory(directory.resolve("logs"));
            Path log = logs.resolve("app.log");
            Files.writeString(log, "before the truncation\n".repeat(10_000));
            long before = Files.size(log);
            site.startCollector();
            site.startAgent("--logs", log.toString());
            Await.until(
                    BOUND,
                    "the log to be stored",
                    site::tails,
                    () -> site.captured().look().bytesOf(log) == before);

            Shell.bash("cp \"$1\" \"$1.1\"; : > \"$1\"; echo 'after the truncation' >> \"$1\"", log);
            long after = Files.size(log);
            Await.until(
                    BOUND,
                    "the rest to be stored",
                    site::tails,
                    () -> site.captured().look().bytesOf(log) == before + after);
            assertThat(site.captured().events()).anyMatch(event -> event.kind() == EventKind.TRUNCATED);
            assertThat(site.captured().gaps()).anyMatch(gap -> gap.cause() == GapCause.TRUNCATED);
            site.assertVerified();
        }
    }

    @Test
    void brokenLinksAndLoopsDisturbNothing() throws Exception {
        try (Site site = new Site(directory)) {
            Path logs = Files.createDirectory(directory.resolve("logs"));
            Shell.bash("""
                cd "$1"
                ln -s /nowhere/at/all.log broken.log
                ln -s loop.log loop.log
                ln -s b.log a.log
                ln -s a.log b.log
                mkdir directory.log
                mkfifo pipe.log
                ln -s . self
                cd "$2"
                ln -s . shop_itself_0
                ln -s /nowhere/at/all shop_broken_1
                ln -s ../pods shop_parent_2
                mkdir -p shop_strange_3/web
                ln -s 0.log shop_strange_3/web/0.log
                mkfifo shop_strange_3/web/1.log
                mkdir shop_strange_3/web/2.log
                ln -s /dev/zero shop_strange_3/web/3.log
                """, logs, site.podLogs());
            site.startCollector();
            Running agent = site.startAgent("--logs", logs + "/**/*.log");
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            print(container, "undisturbed");
            Files.writeString(logs.resolve("good.log"), "good\n");
            Await.until(
                    BOUND,
                    "the good log to be stored",
                    site::tails,
                    () -> site.captured().look().bytesOf(logs.resolve("good.log")) == 5);
            site.awaitCaptured(BOUND);
            assertThat(agent.isAlive()).isTrue();
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void ringOfAnotherNodeIsNotTouched() throws Exception {
        try (Site site = new Site(directory)) {
            startAndStop(site);
            Path ring = ringOf(site.state());
            String before = Digests.sha256(ring);
            Running other = site.keep(site.program()
                    .start(
                            "agent",
                            "agent",
                            "--node",
                            "node-b",
                            "--state",
                            site.state().toString(),
                            "--collector",
                            "127.0.0.1:" + site.port(),
                            "--pod-logs",
                            site.podLogs().toString()));
            assertThat(other.await(BOUND)).as(other.tail()).isNotZero();
            assertThat(other.output()).contains("node-a", "node-b").doesNotContain("\tat ");
            assertThat(Digests.sha256(ring)).isEqualTo(before);
        }
    }

    @Test
    void whatIsNoRingOfThisVersionIsNotTouched() throws Exception {
        try (Site site = new Site(directory)) {
            startAndStop(site);
            Path ring = ringOf(site.state());
            try (FileChannel channel = FileChannel.open(ring, StandardOpenOption.WRITE)) {
                channel.write(
                        ByteBuffer.wrap(
                                "made by somebody else entirely".repeat(400).getBytes(StandardCharsets.US_ASCII)),
                        0);
            }
            String before = Digests.sha256(ring);
            Running refused = site.startAgent();
            assertThat(refused.await(BOUND)).as(refused.tail()).isNotZero();
            assertThat(refused.output()).contains(site.state().toString()).doesNotContain("\tat ");
            assertThat(Digests.sha256(ring)).isEqualTo(before);
        }
    }

    private static void startAndStop(Site site) throws Exception {
        site.startCollector();
        site.startAgent("--ring-size", "16MiB");
        site.awaitFirstSegment();
        assertThat(site.agent().terminate(BOUND)).isIn(0, 143);
    }

    /** The ring is the largest file of the agent's. */
    private static Path ringOf(Path state) throws Exception {
        try (Stream<Path> files = Files.walk(state)) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void print(PretendContainer container, String text) throws Exception {
        container.print(StdStream.STDOUT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), true);
    }
}
