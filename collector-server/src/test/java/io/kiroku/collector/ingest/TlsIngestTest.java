package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.AgentConnection;
import io.kiroku.collector.PretendAgent;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.agents.Pin;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.tls.Peers;
import io.kiroku.tls.TestAuthority;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector that speaks TLS, with another implementation of TLS, the JDK's, on the other side. */
class TlsIngestTest {
    private static final int HANDSHAKES_OF_AN_ADDRESS = 10;

    private final TestAuthority authority = new TestAuthority("authority");
    private final TestAuthority.Issued node = authority.issue("node-1");
    private final PretendAgent agent = new PretendAgent("node-1");
    private final TestIngest ingest;

    @TempDir
    Path directory;

    @TempDir
    Path data;

    TlsIngestTest() throws IOException {
        ingest = new TestIngest();
    }

    @AfterEach
    void closeStore() {
        ingest.close();
    }

    private IngestServer start(Duration handshake) throws IOException {
        authority.write(directory, authority.issue("collector", "localhost", "127.0.0.1"));
        IngestLimits limits = new IngestLimits(
                1_000,
                1_000,
                FrameCodec.MOST_FROM_AGENT,
                1 << 20,
                100,
                100,
                HANDSHAKES_OF_AN_ADDRESS,
                handshake,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMillis(500));
        InstantSource clock = TestIngest.CLOCK;
        return ingest.start(
                Optional.of(new IngestServer.Tls(
                        TlsContext.server(TlsDirectory.open(directory, clock), clock), Optional.empty())),
                AgentRegister.open(data, clock),
                limits);
    }

    private AgentConnection connect(int port, TestAuthority.Issued shown) throws Exception {
        return TestIngest.connect(port, authority.certificate(), shown.key().getPrivate(), shown.certificate());
    }

    private void oneSegmentGoesThrough(IngestServer server) throws Exception {
        try (AgentConnection connection = connect(server.port(), node)) {
            connection.send(agent.hello());
            connection.receive(Frame.Welcome.class);
            connection.send(agent.seal("one\n"));
            connection.receiptFor(agent.head().sequence());
        }
    }

    @Test
    void segmentsGetTheirReceipts() throws Exception {
        try (IngestServer server = start(Duration.ofSeconds(10))) {
            oneSegmentGoesThrough(server);
            assertThat(server.counts().failedHandshakes()).isZero();
        }
    }

    @Test
    void plainTextIsToldSo() throws Exception {
        try (IngestServer server = start(Duration.ofSeconds(10));
                AgentConnection plain = new AgentConnection(server.port())) {
            plain.send(agent.hello());
            assertThat(plain.receive(Frame.Refusal.class).sentence()).contains("expected TLS, found plain text");
            assertThat(plain.isAtEnd()).isTrue();
            oneSegmentGoesThrough(server);
        }
    }

    @Test
    void whoSaysNothingOrLittleIsClosedAndTakesNobodysPlace() throws Exception {
        try (IngestServer server = start(Duration.ofMillis(700))) {
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                socket.setSoTimeout(30_000);
                idle.add(socket);
            }
            idle.getFirst().getOutputStream().write(0x16);
            // More than may be under way are closed at once, the others after their time.
            for (Socket socket : idle) {
                InputStream in = socket.getInputStream();
                try {
                    while (in.read() >= 0) {
                        // An alert may come first.
                    }
                } catch (SocketException reset) {
                    assertThat(reset)
                            .as("closed with a byte that nobody had read")
                            .hasMessageContaining("reset");
                }
                socket.close();
            }
            assertThat(server.counts().connectionsTurnedAway())
                    .isGreaterThanOrEqualTo(200 - 2 * HANDSHAKES_OF_AN_ADDRESS);
            oneSegmentGoesThrough(server);
        }
    }

    @Test
    void theAlertComesThrough() throws Exception {
        TestAuthority stranger = new TestAuthority("stranger");
        try (IngestServer server = start(Duration.ofSeconds(10))) {
            for (int i = 0; i < 20; i++) {
                try (AgentConnection refused = connect(server.port(), stranger.issue("node-1"))) {
                    assertThat(refusal(refused)).contains("unknown_ca");
                }
            }
            assertThat(server.counts().failedHandshakes()).isEqualTo(20);
            oneSegmentGoesThrough(server);
        }
    }

    private String refusal(AgentConnection connection) throws Exception {
        try {
            connection.send(agent.hello());
            connection.receive(Frame.Welcome.class);
            return "welcome";
        } catch (SSLException alert) {
            return String.valueOf(alert.getMessage());
        }
    }

    @Test
    void aPinnedNodeSendsWithItsKeyOnly() throws Exception {
        AgentRegister.open(data, InstantSource.system()).pin("node-1", Peers.keyDigest(node.certificate()));
        try (IngestServer server = start(Duration.ofSeconds(10))) {
            oneSegmentGoesThrough(server);
            try (AgentConnection thief = connect(server.port(), authority.issue("node-1"))) {
                thief.send(agent.hello());
                Frame.Refusal refusal = thief.receive(Frame.Refusal.class);
                assertThat(refusal.code()).isEqualTo(Frame.RefusalCode.IDENTITY);
                assertThat(refusal.sentence()).contains("node-1 and its stream are pinned to key ");
            }
            try (AgentConnection thief = connect(server.port(), node)) {
                thief.send(new PretendAgent("node-1").hello());
                assertThat(thief.receive(Frame.Refusal.class).sentence()).contains("found stream ");
            }
            assertThat(server.counts().refusals(Frame.RefusalCode.IDENTITY)).isEqualTo(2);
            oneSegmentGoesThrough(server);
        }
    }

    @Test
    void aConnectionEndsWhenItsKeyIsRevokedAndWhatItSentStays() throws Exception {
        AgentRegister register = AgentRegister.open(data, InstantSource.system());
        register.pin("node-1", Peers.keyDigest(node.certificate()));
        try (IngestServer server = start(Duration.ofSeconds(10))) {
            oneSegmentGoesThrough(server);
            try (AgentConnection connection = connect(server.port(), node)) {
                connection.send(agent.hello());
                connection.receive(Frame.Welcome.class);
                register.end("node-1", Pin.Reason.REVOKED);
                assertThat(connection.isAtEnd()).isTrue();
            }
            try (AgentConnection revoked = connect(server.port(), node)) {
                revoked.send(agent.hello());
                assertThat(revoked.receive(Frame.Refusal.class).sentence()).contains("was revoked at ");
            }
        }
        assertThat(ingest.store.head(agent.stream())).isEqualTo(agent.head());
    }

    @Test
    void aConnectionEndsWhenItsCertificateIsRevoked() throws Exception {
        try (IngestServer server = start(Duration.ofSeconds(10));
                AgentConnection connection = connect(server.port(), node)) {
            connection.send(agent.hello());
            connection.receive(Frame.Welcome.class);
            authority.revoke(node);
            authority.writeRevocations(directory);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }
}
