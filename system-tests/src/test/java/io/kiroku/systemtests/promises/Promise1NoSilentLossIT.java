package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.PretendPod;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.process.Await;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Every byte that was written is in the store exactly once, whatever was killed, cut or rotated meanwhile. */
final class Promise1NoSilentLossIT {
    private static final long MEBI = 1 << 20;
    private static final Duration CATCH_UP = Duration.ofSeconds(Site.FULL ? 120 : 60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    /** When, counted from the writer's start, which of the two processes is killed. */
    private record Kill(long millis, boolean agent) {}

    @Test
    void rotatedLogIsWholeThoughAgentAndCollectorAreKilled() throws Exception {
        long seconds = Site.FULL ? 60 : 15;
        try (Site site = new Site(directory)) {
            PretendNode node = site.node(Rotation.atOnce(10 * MEBI, Duration.ofMillis(2)));
            site.startCollector();
            site.startAgent();
            PretendContainer busy = node.startPod("shop", "busy-5d9c").start("web");
            PretendContainer quiet = node.startPod("shop", "quiet-77f4").start("worker");
            try (PacedWriter _ = PacedWriter.start(quiet, site.seed() + 1, 20_000, 20_000 * seconds);
                    PacedWriter writer = PacedWriter.start(busy, site.seed(), 3 * MEBI, 3 * MEBI * seconds)) {
                kill(site, kills(site.random(), seconds * 1000, 3, 2));
                writer.await(60);
            }
            assertThat(busy.written().getFirst().rotations()).as("rotations").isPositive();
            assertWhole(site);
        }
    }

    @Test
    void fastLogIsWholeThoughAgentAndCollectorAreKilled() throws Exception {
        long seconds = Site.FULL ? 10 : 3;
        try (Site site = new Site(directory)) {
            PretendNode node = site.node(Rotation.NONE);
            site.startCollector();
            site.startAgent();
            PretendContainer busy = node.startPod("shop", "torrent-0").start("web");
            try (PacedWriter writer = PacedWriter.start(busy, site.seed(), 60 * MEBI, 60 * MEBI * seconds)) {
                kill(site, kills(site.random(), seconds * 1000, Site.FULL ? 3 : 1, Site.FULL ? 2 : 1));
                writer.await(60);
            }
            assertWhole(site);
        }
    }

    @Test
    void everyRotationIsFollowedHoweverFastAndHoweverLateTheRuntimeReopens() throws Exception {
        long seconds = Site.FULL ? 30 : 4;
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            List<PacedWriter> writers = new ArrayList<>();
            for (int gap : List.of(0, 2, 50)) {
                PretendNode node = site.node(Rotation.atOnce(MEBI, Duration.ofMillis(gap)));
                PretendContainer container = node.startPod("shop", "gap-" + gap).start("web");
                writers.add(PacedWriter.start(container, site.seed() + gap, 3 * MEBI, 3 * MEBI * seconds));
            }
            for (PacedWriter writer : writers) {
                writer.await(90);
                writer.close();
            }
            assertThat(site.written())
                    .allSatisfy(log -> assertThat(log.rotations())
                            .as("rotations of %s", log)
                            .isGreaterThanOrEqualTo(5));
            assertWhole(site);
        }
    }

    @Test
    void lastWordsOfCrashingAndRemovedPodsAreKept() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            PretendNode node = site.node(Rotation.atOnce(MEBI, Duration.ofMillis(2)));
            PretendContainer crashing = node.startPod("shop", "crashloop-1").start("app");
            for (int restart = 0; restart < 4; restart++) {
                print(crashing, "instance " + restart + " starts");
                awaitNoticed(site, crashing);
                print(crashing, "panic: the last words of instance " + restart);
                crashing.crash();
            }
            print(crashing, "and up again");
            for (int i = 0; i < 5; i++) {
                PretendPod pod = node.startPod("jobs", "once-" + i);
                PretendContainer container = pod.start("job");
                print(container, "job " + i + " begins");
                awaitNoticed(site, container);
                for (int line = 0; line < 200; line++) {
                    print(container, "job " + i + " step " + line);
                }
                print(container, "job " + i + " done: these are the last bytes before the pod is removed");
                pod.remove();
            }
            assertWhole(site);
        }
    }

    @Test
    void brokenConnectionsLoseNothing() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            try (FaultProxy proxy = new FaultProxy(site.port())) {
                site.agentPort(proxy.port());
                site.startAgent();
                site.awaitFirstSegment();
                PretendNode node = site.node(Rotation.atOnce(4 * MEBI, Duration.ofMillis(2)));
                PretendContainer container = node.startPod("shop", "cut-off").start("web");
                try (PacedWriter writer = PacedWriter.start(container, site.seed(), 2 * MEBI, 14 * MEBI)) {
                    Random random = site.random();
                    for (int i = 0; i < 3; i++) {
                        TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(600));
                        proxy.cut();
                    }
                    proxy.stall(true);
                    TimeUnit.MILLISECONDS.sleep(1500);
                    proxy.stall(false);
                    int receipts = proxy.receipts().size();
                    Await.until(
                            Duration.ofSeconds(30),
                            "receipts again",
                            site::tails,
                            () -> proxy.receipts().size() > receipts);
                    int before = proxy.accepted();
                    proxy.halfOpen();
                    Await.until(
                            Duration.ofSeconds(60),
                            "the agent to give up a connection on which nothing comes back, and to make another",
                            site::tails,
                            () -> proxy.accepted() > before);
                    writer.await(60);
                }
                assertWhole(site);
            }
        }
    }

    /** The agent has captured something of it: from now on it holds the file, whatever becomes of its name. */
    private static void awaitNoticed(Site site, PretendContainer container) throws Exception {
        Path live = container.written().getLast().live();
        Await.until(
                Duration.ofSeconds(20),
                live + " to be captured",
                site::tails,
                () -> site.captured().look().bytesOf(live) > 0);
    }

    private static void print(PretendContainer container, String text) throws Exception {
        ByteBuffer line = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        assertThat(container.print(StdStream.STDOUT, line, true)).isTrue();
    }

    private static void assertWhole(Site site) throws Exception {
        assertAllThere(site);
        site.assertVerifiedWithoutGaps();
    }

    private static void assertAllThere(Site site) throws Exception {
        site.awaitCaptured(CATCH_UP);
        site.assertVerified();
        site.shutDown();
        site.assertBitExact();
    }

    /** Random moments, spread so that a process has come up again before it is killed the next time. */
    private static List<Kill> kills(Random random, long millis, int agent, int collector) {
        List<Kill> kills = new ArrayList<>();
        for (boolean ofAgent : List.of(true, false)) {
            int count = ofAgent ? agent : collector;
            long slot = millis * 9 / 10 / count;
            for (int i = 0; i < count; i++) {
                kills.add(new Kill(i * slot + slot / 4 + random.nextLong(slot / 2), ofAgent));
            }
        }
        kills.sort(Comparator.comparingLong(Kill::millis));
        System.out.println("kills: " + kills);
        return kills;
    }

    /** Kills with SIGKILL, and starts again at once as systemd would. */
    private static void kill(Site site, List<Kill> kills) throws Exception {
        long start = System.nanoTime();
        for (Kill kill : kills) {
            long left = start + TimeUnit.MILLISECONDS.toNanos(kill.millis()) - System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(left);
            if (kill.agent()) {
                site.agent().kill();
                site.startAgent();
            } else {
                site.collector().kill();
                site.startCollector();
            }
        }
    }
}
