package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.evidence.record.Entry.EventKind;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.faults.HandmadeAgent;
import io.kiroku.systemtests.faults.HandmadeAgent.Conversation;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What is full stops or refuses, says so, loses nothing, and goes on when there is room again. */
final class Promise7BoundedIT {
    private static final long MEBI = 1 << 20;
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void fullRingStopsReadingAndLosesNothing() throws Exception {
        try (Site site = new Site(directory)) {
            Running agent = site.startAgent("--ring-size", "16MiB");
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            long written = 120 * MEBI;
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 60 * MEBI, written)) {
                writer.await(60);
            }
            Await.until(
                    CATCH_UP,
                    "the agent to say that its ring is full",
                    site::tails,
                    () -> site.agentMetrics().getOrDefault("kiroku_agent_blocked", 0.0) == 1);
            assertThat(sizeOf(site.state()))
                    .as("the ring with all that belongs to it")
                    .isBetween(16 * MEBI, 18 * MEBI);
            assertThat(agent.stats().peakBytes()).as("the agent's peak memory").isLessThan(400 * MEBI);
            site.startCollector();
            // The agent may have waited long between its tries by now.
            site.awaitCaptured(CATCH_UP);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            assertThat(site.captured().events())
                    .as("that reading stopped is in the chain")
                    .anyMatch(event -> event.kind() == EventKind.BLOCKED)
                    .anyMatch(event -> event.kind() == EventKind.RESUMED);
            assertThat(agent.output()).as("a sentence on it").containsPattern("(?is)ring.{0,200}full");
        }
    }

    @Test
    void garbageOnThePortsDisturbsNobody() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "honest").start("web");
            Random random = site.random();
            List<Socket> idle = new ArrayList<>();
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 2 * MEBI, 8 * MEBI)) {
                for (int port : List.of(site.port(), site.http())) {
                    for (int i = 0; i < 20; i++) {
                        byte[] garbage = new byte[1 + random.nextInt(100_000)];
                        random.nextBytes(garbage);
                        shout(port, garbage);
                    }
                    shout(port, new byte[] {0, 0, 0, 0});
                    shout(port, new byte[] {0x7f, -1, -1, -1, 3});
                    shout(port, new byte[] {-1, -1, -1, -1, 1});
                    shout(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    for (int i = 0; i < 100; i++) {
                        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                        idle.add(socket);
                        socket.getOutputStream().write(0);
                    }
                }
                oversizedAfterAGreeting(site);
                writer.await(60);
            } finally {
                for (Socket socket : idle) {
                    socket.close();
                }
            }
            site.awaitCaptured(CATCH_UP);
            assertThat(site.collector().stats().peakBytes())
                    .as("the collector's peak memory")
                    .isLessThan(600 * MEBI);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
        }
    }

    @Test
    void fullDiskOfTheCollectorHoldsUpAndLosesNothing() throws Exception {
        try (Site site = new Site(directory);
                Tmpfs disk = Tmpfs.mount(site.data(), 8 * MEBI)) {
            site.startCollector();
            site.startAgent("--ring-size", "64MiB");
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 60 * MEBI, 80 * MEBI)) {
                writer.await(60);
            }
            Await.until(
                    CATCH_UP,
                    "the collector to say that its disk is full",
                    site::tails,
                    () -> site.collector().output().toLowerCase(Locale.ROOT).contains("space"));
            long before = site.captured().look().raw();
            assertThat(before).isLessThan(80 * MEBI);
            assertThat(site.agent().isAlive()).as("the agent is alive").isTrue();
            disk.resize(200 * MEBI);
            if (!site.collector().isAlive()) {
                site.startCollector();
            }
            site.awaitCaptured(CATCH_UP);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            site.shutDown();
        }
    }

    @Test
    void agentNeedsRoomForItsRingAndThenNoMore() throws Exception {
        try (Site site = new Site(directory);
                Tmpfs disk = Tmpfs.mount(directory.resolve("small"), 4 * MEBI)) {
            site.startCollector();
            Path state = directory.resolve("small/state");
            Running refused = site.startAgentOn(state, "--ring-size", "16MiB");
            assertThat(refused.await(Duration.ofSeconds(30))).as(refused.tail()).isNotZero();
            assertThat(refused.output()).containsIgnoringCase("space").contains(state.toString());
            assertThat(refused.output()).as("no stack trace").doesNotContain("\tat ");
            disk.resize(64 * MEBI);
            site.startAgentOn(state, "--ring-size", "16MiB");
            site.awaitFirstSegment();

            // What others write to the same disk is no concern of an agent that has its ring.
            Shell.bash("cat /dev/zero > \"$1\" 2>/dev/null || true", directory.resolve("small/others"));
            assertThat(Files.getFileStore(state).getUsableSpace()).isZero();
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 2 * MEBI, 4 * MEBI)) {
                site.agent().kill();
                site.startAgentOn(state, "--ring-size", "16MiB");
                writer.await(30);
            }
            site.awaitCaptured(CATCH_UP);
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            site.shutDown();
        }
    }

    /** A greeting as it should be, then a frame that claims to be longer than any may be. */
    private static void oversizedAfterAGreeting(Site site) throws Exception {
        try (Conversation conversation = new HandmadeAgent("greedy").connect(site.port())) {
            conversation.send(ByteBuffer.allocate(5)
                    .putInt(FrameCodec.MOST_FROM_AGENT + 1)
                    .put((byte) 3)
                    .flip());
            try {
                conversation.receive();
            } catch (IOException endedWithoutAWord) {
                return;
            }
            assertThat(conversation.isEnded()).as("the connection ends").isTrue();
        }
    }

    private static void shout(int port, byte[] bytes) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(bytes);
        } catch (IOException ended) {
            assertThat(Ports.answers(port)).as("port %d still answers", port).isTrue();
        }
    }

    /** Without the pins: these are further names of files that are elsewhere. */
    private static long sizeOf(Path directory) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(
                            path -> Files.isRegularFile(path) && !path.startsWith(directory.resolve("pins")))
                    .toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }
}
