package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.faults.HandmadeAgent;
import io.kiroku.systemtests.faults.HandmadeAgent.Conversation;
import io.kiroku.systemtests.process.Program.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What is sent twice is stored once; what contradicts a chain is refused, reported, kept, and never merged. */
final class Promise4ExactlyOnceIT {
    private static final long MEBI = 1 << 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void segmentsWhoseReceiptsWereLostAreStoredOnce() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            try (FaultProxy proxy = new FaultProxy(site.port())) {
                site.agentPort(proxy.port());
                site.startAgent();
                site.awaitFirstSegment();
                PretendContainer container =
                        site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
                Random random = site.random();
                try (PacedWriter writer = PacedWriter.start(container, site.seed(), 4 * MEBI, 16 * MEBI)) {
                    for (int i = 0; i < 4; i++) {
                        proxy.withholdReceipts(true);
                        TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(600));
                        proxy.withholdReceipts(false);
                        proxy.cut();
                    }
                    writer.await(60);
                }
                site.awaitCaptured(Duration.ofSeconds(60));
                site.assertBitExact();
                site.assertVerifiedWithoutGaps();
            }
        }
    }

    @Test
    void forksAndHolesAndForgeriesAreRefusedAndDisturbNobody() throws Exception {
        try (Site site = new Site(directory)) {
            site.startCollector();
            site.startAgent();
            PretendContainer honest =
                    site.node(Rotation.NONE).startPod("shop", "honest").start("web");
            HandmadeAgent liar = new HandmadeAgent("liar");
            byte[] first = liar.seal("the first word\n");
            byte[] fork = liar.sealOnly("another second word\n");
            byte[] second = liar.seal("the second word\n");
            byte[] forged = liar.sealOnly("a third word\n");
            forged[forged.length - 30] ^= 1;
            byte[] third = liar.seal("the third word\n");
            byte[] fourth = liar.seal("the fourth word\n");

            try (PacedWriter writer = PacedWriter.start(honest, site.seed(), 2 * MEBI, 8 * MEBI)) {
                try (Conversation conversation = liar.connect(site.port())) {
                    assertThat(conversation.answer())
                            .isInstanceOfSatisfying(
                                    Frame.Welcome.class,
                                    welcome -> assertThat(welcome.head()).isNull());
                    assertReceipt(conversation, first);
                    assertReceipt(conversation, second);
                    assertReceipt(conversation, first);
                }
                assertRefused(site, liar, fork, RefusalCode.FORKED, 2);
                assertRefused(site, liar, fourth, RefusalCode.AHEAD, 4);
                assertRefused(site, liar, forged, RefusalCode.UNSOUND, 3);
                try (Conversation conversation = liar.connect(site.port())) {
                    assertThat(conversation.answer())
                            .isInstanceOfSatisfying(
                                    Frame.Welcome.class,
                                    welcome -> assertThat(welcome.head())
                                            .isEqualTo(new Frame.Head(2, hash(second), 1, 2, List.of())));
                    assertReceipt(conversation, third);
                    assertReceipt(conversation, fourth);
                }
                writer.await(60);
            }
            site.awaitCaptured(Duration.ofSeconds(30));
            site.assertBitExact();
            assertThat(site.captured().bytesOf(liar.source()))
                    .isEqualTo("the first word\nthe second word\nthe third word\nthe fourth word\n".length());
            assertThat(site.captured().holds(liar.stream(), 2, hash(second))).isTrue();
            assertThat(isKept(site.data(), fork)).as("the fork is kept").isTrue();
            assertThat(site.collector().output())
                    .as("the fork is reported")
                    .containsPattern("(?i)refused.*liar.*segment 2.*(another segment|fork)");
            Outcome sources =
                    site.program().run("sources", "--data", site.data().toString());
            assertThat(sources.text()).contains("liar", "honest");
        }
    }

    private static void assertReceipt(Conversation conversation, byte[] segment) throws Exception {
        conversation.sendSegment(segment);
        Octets hash = hash(segment);
        Frame answer = conversation.receive();
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Frame.Receipt.class,
                        receipt -> assertThat(receipt.sequence()).isGreaterThanOrEqualTo(sequence(segment)));
        if (answer instanceof Frame.Receipt receipt && receipt.sequence() == sequence(segment)) {
            assertThat(receipt.hash()).isEqualTo(hash);
        }
    }

    private static void assertRefused(Site site, HandmadeAgent agent, byte[] segment, RefusalCode code, long sequence)
            throws Exception {
        try (Conversation conversation = agent.connect(site.port())) {
            conversation.sendSegment(segment);
            assertThat(conversation.receive()).isInstanceOfSatisfying(Frame.Refusal.class, refusal -> {
                assertThat(refusal.code()).as("%s", refusal).isEqualTo(code);
                assertThat(refusal.sequence()).as("%s", refusal).isEqualTo(sequence);
                assertThat(refusal.sentence()).isNotBlank();
            });
            assertThat(conversation.isEnded()).as("the connection ends").isTrue();
        }
    }

    /** Whether the segment's header lies anywhere below the directory. */
    private static boolean isKept(Path data, byte[] segment) throws Exception {
        String signature = new String(segment, 8 + 248, 64, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(signature)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Octets hash(byte[] segment) {
        return parse(segment).hash();
    }

    private static long sequence(byte[] segment) {
        return parse(segment).header().sequence();
    }

    private static Segment parse(byte[] segment) {
        try {
            return Segment.of(ByteBuffer.wrap(segment));
        } catch (MalformedException ownMistake) {
            throw new AssertionError(ownMistake);
        }
    }
}
