package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.AgentConnection;
import io.kiroku.collector.PretendAgent;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IngestServerTest {
    private final PretendAgent agent = new PretendAgent("node-1");
    private final TestIngest ingest;

    IngestServerTest() throws IOException {
        ingest = new TestIngest();
    }

    @AfterEach
    void closeStore() {
        ingest.close();
    }

    private IngestServer start(IngestLimits limits) throws IOException {
        return ingest.start(Optional.empty(), AgentRegister.open(Path.of("/nowhere"), TestIngest.CLOCK), limits);
    }

    private static IngestLimits limits(int connections, int connectionSegments, Duration greeting, Duration silence) {
        return new IngestLimits(
                connections,
                connections,
                FrameCodec.MOST_FROM_AGENT,
                1 << 20,
                connectionSegments,
                100,
                10,
                Duration.ofSeconds(10),
                greeting,
                silence,
                Duration.ofSeconds(1));
    }

    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void aFastAgentIsReadNoFasterThanTheDiskStores() throws Exception {
        try (IngestServer server = start(limits(10, 2, LONG, LONG));
                AgentConnection connection = AgentConnection.greet(server.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            for (int i = 1; i <= 300; i++) {
                connection.send(agent.seal("line " + i + "\n"));
                assertThat(server.unstoredBytes()).isLessThan(10_000);
            }
            connection.receiptFor(300);
        }
        assertThat(StoreVerification.verify(ingest.files, false, (done, total) -> {})
                        .counts()
                        .segments())
                .isEqualTo(300);
    }

    @Test
    void bytesThatAllConnectionsShareAreGivenBack() throws Exception {
        try (IngestServer server = start(limits(10, 100, LONG, LONG))) {
            PretendAgent half = new PretendAgent("half");
            AgentConnection hog = AgentConnection.greet(server.port(), half);
            hog.receive(Frame.Welcome.class);
            hog.sendBytes(
                    ByteBuffer.allocate(4).putInt(FrameCodec.MOST_FROM_AGENT).flip());
            try (AgentConnection connection = new AgentConnection(server.port())) {
                await(() -> server.unstoredBytes() == FrameCodec.MOST_FROM_AGENT);
                connection.send(agent.hello());
                hog.close();
                connection.receive(Frame.Welcome.class);
                connection.send(agent.seal("one\n"));
                connection.receiptFor(1);
            }
            await(() -> server.unstoredBytes() == 0);
        }
    }

    @Test
    void aFullDiskIsToldAndIngestRecoversByItself() throws Exception {
        try (IngestServer server = start(IngestLimits.DEFAULT)) {
            ByteBuffer two;
            try (AgentConnection connection = AgentConnection.greet(server.port(), agent)) {
                connection.receive(Frame.Welcome.class);
                connection.send(agent.seal("one\n"));
                connection.receiptFor(1);
                ingest.volumes.fill(100);
                two = agent.seal("two\n");
                connection.send(two);
                Frame.Refusal refusal = connection.receive(Frame.Refusal.class);
                assertThat(refusal.code()).isEqualTo(RefusalCode.UNAVAILABLE);
                assertThat(refusal.sequence()).isEqualTo(2);
                assertThat(refusal.sentence()).contains("No space left on device");
                assertThat(server.trouble()).contains("No space left on device");
            }
            ingest.volumes.fill(Long.MAX_VALUE);
            try (AgentConnection connection = AgentConnection.greet(server.port(), agent)) {
                assertThat(connection.receive(Frame.Welcome.class).head())
                        .satisfies(head ->
                                assertThat(head == null ? 0 : head.sequence()).isEqualTo(1));
                connection.send(two);
                connection.receiptFor(2);
                assertThat(server.trouble()).isNull();
            }
        }
        assertThat(StoreVerification.verify(ingest.files, false, (done, total) -> {})
                        .holds())
                .isTrue();
    }

    @Test
    void aConnectionTooManyIsRefused() throws Exception {
        try (IngestServer server = start(limits(1, 10, LONG, LONG));
                AgentConnection connection = AgentConnection.greet(server.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            try (AgentConnection another = new AgentConnection(server.port())) {
                assertThat(another.receive(Frame.Refusal.class).code()).isEqualTo(RefusalCode.UNAVAILABLE);
                assertThat(another.isAtEnd()).isTrue();
            }
            connection.send(agent.seal("one\n"));
            connection.receiptFor(1);
        }
    }

    @Test
    void silentConnectionsAreClosed() throws Exception {
        try (IngestServer server = start(limits(10, 10, Duration.ofMillis(200), Duration.ofMillis(300)));
                AgentConnection silent = new AgentConnection(server.port());
                AgentConnection greeted = AgentConnection.greet(server.port(), agent)) {
            assertThat(silent.receive(Frame.Refusal.class).sentence()).contains("expected a greeting");
            assertThat(silent.isAtEnd()).isTrue();
            greeted.receive(Frame.Welcome.class);
            assertThat(greeted.isAtEnd()).isTrue();
            await(() -> server.counts().connections() == 0 && server.streamsConnected() == 0);
        }
    }

    @Test
    void whatWasAcceptedIsStoredWhenTheServerCloses() throws Exception {
        try (IngestServer server = start(IngestLimits.DEFAULT);
                AgentConnection connection = AgentConnection.greet(server.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            connection.send(agent.seal("one\n"));
            connection.receiptFor(1);
        }
        assertThat(ingest.store.head(agent.stream())).isEqualTo(agent.head());
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("patience is at its end").isLessThan(patience);
            Thread.sleep(5);
        }
    }
}
