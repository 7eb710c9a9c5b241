package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Receipts;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.faults.HandmadeAgent;
import io.kiroku.systemtests.faults.HandmadeAgent.Conversation;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.store.VolumeScan;
import io.kiroku.systemtests.store.VolumeScan.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What a receipt names is in the store, verified, whenever the collector dies; the ring keeps all else. */
final class Promise3AcknowledgedMeansDurableIT {
    private static final long MEBI = 1 << 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void everyReceiptNamesASegmentThatSurvivesTheCollectorsDeath() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            try (FaultProxy proxy = new FaultProxy(site.port())) {
                site.agentPort(proxy.port());
                site.startAgent();
                site.awaitFirstSegment();
                PretendContainer container =
                        site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
                Random random = site.random();
                try (PacedWriter writer = PacedWriter.start(container, site.seed(), 4 * MEBI, 24 * MEBI)) {
                    for (int i = 0; i < 3; i++) {
                        int before = proxy.receipts().size();
                        Await.until(
                                Duration.ofSeconds(30),
                                "more receipts",
                                site::tails,
                                () -> proxy.receipts().size() > before + 2);
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
                        site.collector().kill();
                        assertAllStored(site, proxy);
                        if (i == 2) {
                            tear(site.data());
                        }
                        site.startCollector();
                    }
                    writer.await(60);
                }
                site.awaitCaptured(Duration.ofSeconds(60));
                site.assertBitExact();
                site.assertVerifiedWithoutGaps();
                assertAllStored(site, proxy);
            }
        }
    }

    @Test
    void nothingIsAcknowledgedThatTheDiskWouldNotTake() throws Exception {
        Wanting.program("that a failed sync is not acknowledged", "strace");
        try (Site site = new Site(directory)) {
            site.startCollector();
            HandmadeAgent agent = new HandmadeAgent("node-b");
            byte[] first = agent.seal("kept\n");
            byte[] second = agent.seal("not yet kept\n");
            assertAcknowledged(site, agent, first, true);
            // From now on every sync of the collector fails as a dying disk has it.
            Process strace = new ProcessBuilder(
                            "strace",
                            "-f",
                            "-qq",
                            "-e",
                            "trace=fsync,fdatasync,sync_file_range,msync",
                            "-e",
                            "inject=fsync,fdatasync,sync_file_range,msync:error=EIO",
                            "-p",
                            Long.toString(site.collector().pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("strace.out").toFile())
                    .start();
            try {
                Await.until(Duration.ofSeconds(20), "strace to be attached", () -> {
                    if (!strace.isAlive()) {
                        Wanting.skip("that a failed sync is not acknowledged", "strace could not attach");
                    }
                    return Files.readString(Path.of(
                                    "/proc", Long.toString(site.collector().pid()), "status"))
                            .contains("TracerPid:\t" + strace.pid());
                });
                assertAcknowledged(site, agent, second, false);
            } finally {
                strace.destroy();
                strace.waitFor();
            }
            site.collector().kill();
            site.startCollector();
            assertAcknowledged(site, agent, second, true);
        }
    }

    /** Sends a segment; there is a receipt for it, or there is none within five seconds and not later either. */
    private static void assertAcknowledged(Site site, HandmadeAgent agent, byte[] segment, boolean expected)
            throws Exception {
        long sequence = Segment.of(ByteBuffer.wrap(segment)).header().sequence();
        try (Conversation conversation = agent.connect(site.port())) {
            if (!expected) {
                conversation.patience(Duration.ofSeconds(5));
            }
            conversation.sendSegment(segment);
            Frame answer;
            try {
                answer = conversation.receive();
            } catch (IOException endedOrSilent) {
                assertThat(expected)
                        .as("a receipt for segment %d%s", sequence, site.tails())
                        .isFalse();
                return;
            }
            if (expected) {
                assertThat(answer)
                        .isInstanceOfSatisfying(
                                Frame.Receipt.class,
                                receipt -> assertThat(receipt.sequence()).isEqualTo(sequence));
            } else {
                assertThat(answer).isNotInstanceOf(Frame.Receipt.class);
            }
        }
    }

    private static void assertAllStored(Site site, FaultProxy proxy) throws Exception {
        site.captured().look();
        List<Frame.Receipt> receipts = proxy.receipts();
        assertThat(receipts).isNotEmpty().allSatisfy(receipt -> {
            assertThat(Receipts.holds(receipt, proxy.collectorKey()))
                    .as("signature of %s", receipt)
                    .isTrue();
            assertThat(site.captured().holds(receipt.stream(), receipt.sequence(), receipt.hash()))
                    .as("in the store: %s", receipt)
                    .isTrue();
        });
    }

    /** Leaves the volume's end as a power cut does in the middle of a write: half of a record that nobody acknowledged. */
    private static void tear(Path data) throws Exception {
        Stored last = VolumeScan.segments(data).getLast();
        ByteBuffer body = last.segment().bytes();
        ByteBuffer record = ByteBuffer.allocate(RecordFrame.LENGTH + body.remaining());
        RecordFrame.write(record, body, last.head().number() + 1, last.head().number());
        record.put(body).flip();
        byte[] half = new byte[RecordFrame.LENGTH + (record.remaining() - RecordFrame.LENGTH) / 2];
        record.get(half);
        byte[] volume = Files.readAllBytes(last.volume());
        int end = Math.toIntExact(last.end());
        assertThat(end).isLessThanOrEqualTo(volume.length);
        byte[] torn = new byte[Math.max(volume.length, end + half.length)];
        System.arraycopy(volume, 0, torn, 0, end);
        System.arraycopy(half, 0, torn, end, half.length);
        Files.write(last.volume(), torn, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }
}
