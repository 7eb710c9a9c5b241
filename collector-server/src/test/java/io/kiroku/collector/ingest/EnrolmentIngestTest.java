package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.AgentConnection;
import io.kiroku.collector.PretendAgent;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.enrol.AuthorityFiles;
import io.kiroku.collector.enrol.CollectorCertificate;
import io.kiroku.collector.enrol.EnrolmentCodes;
import io.kiroku.collector.enrol.Enrolments;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.CertificateRequests;
import io.kiroku.tls.EnrolmentCode;
import io.kiroku.tls.Pem;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector that enrols, with the JDK's TLS on the other side. */
class EnrolmentIngestTest {
    private static final InstantSource CLOCK = TestIngest.CLOCK;

    private final SecureRandom random = new SecureRandom();
    private final PretendAgent agent = new PretendAgent("node-1");
    private final KeyPair key = CertificateAuthority.newKey(random);

    @TempDir
    Path data;

    private TestIngest ingest;
    private CertificateAuthority authority;
    private CollectorCertificate own;
    private IngestServer server;

    @BeforeEach
    void start() throws Exception {
        ingest = new TestIngest();
        authority = AuthorityFiles.in(data, random, CLOCK);
        own = CollectorCertificate.in(
                data, authority, List.of("localhost", "127.0.0.1"), Duration.ofDays(1), random, CLOCK);
        TlsContext tls =
                TlsContext.openServer(TlsDirectory.open(own.directory(), CLOCK), authority.certificate(), CLOCK);
        AgentRegister register = AgentRegister.open(data, CLOCK);
        Enrolments enrolments = new Enrolments(
                authority,
                Duration.ofDays(1),
                new EnrolmentCodes(data, CLOCK),
                register,
                Optional.empty(),
                _ -> {},
                CLOCK);
        server = ingest.start(
                Optional.of(new IngestServer.Tls(tls, Optional.of(enrolments))), register, IngestLimits.DEFAULT);
    }

    @AfterEach
    void stop() {
        server.close();
        own.close();
        ingest.close();
    }

    private AgentConnection connect(@Nullable X509Certificate shown) throws Exception {
        return TestIngest.connect(server.port(), authority.certificate(), key.getPrivate(), shown);
    }

    private Frame.Enrol request(Frame.Proof proof, String secret) throws IOException {
        return new Frame.Enrol(
                Frame.VERSION, agent.stream(), "node-1", proof, secret, Octets.of(CertificateRequests.make(key)));
    }

    private Frame answer(@Nullable X509Certificate shown, ByteBuffer bytes) throws Exception {
        try (AgentConnection connection = connect(shown)) {
            connection.sendBytes(bytes);
            Frame answer = connection.receive();
            assertThat(connection.isAtEnd()).isTrue();
            return answer;
        }
    }

    private static X509Certificate issued(Frame answer) throws IOException {
        assertThat(answer).isInstanceOf(Frame.Certificate.class);
        return Pem.certificate(((Frame.Certificate) answer).certificate().toArray());
    }

    private static String refused(Frame answer) {
        assertThat(answer).isInstanceOf(Frame.Refusal.class);
        return ((Frame.Refusal) answer).sentence();
    }

    @Test
    void withACodeAnAgentGetsItsCertificateAndSendsWithIt() throws Exception {
        EnrolmentCode code = EnrolmentCode.create(random, authority.certificate());
        new EnrolmentCodes(data, CLOCK).add(code, "node-1", Duration.ofHours(1), false);
        X509Certificate first = issued(answer(null, FrameCodec.encode(request(Frame.Proof.CODE, code.secret()))));
        X509Certificate renewed = issued(answer(first, FrameCodec.encode(request(Frame.Proof.CERTIFICATE, ""))));
        for (X509Certificate shown : List.of(first, renewed)) {
            try (AgentConnection connection = connect(shown)) {
                connection.send(agent.hello());
                connection.receive(Frame.Welcome.class);
                connection.send(agent.seal("one\n"));
                connection.receiptFor(agent.head().sequence());
            }
        }
    }

    @Test
    void withoutACertificateNothingButARequestIsTaken() throws Exception {
        assertThat(refused(answer(null, FrameCodec.encode(agent.hello()))))
                .contains("expected a certificate of the agent, found none");
        assertThat(refused(answer(null, ByteBuffer.allocate(100).put(3, (byte) 40))))
                .contains("expected a certificate of the agent, found none");
        assertThat(refused(answer(null, ByteBuffer.wrap(new byte[] {127, 0, 0, 0, FrameCodec.ENROL}))))
                .contains("expected a request for a certificate of at most 24861 bytes, found one that says it has");
        assertThat(refused(answer(null, ByteBuffer.wrap(new byte[] {0, 0, 0, 2, FrameCodec.ENROL, 1}))))
                .contains("expected a request for a certificate of 24 bytes, found 1");
        assertThat(server.counts().refusals(Frame.RefusalCode.IDENTITY)).isEqualTo(4);
    }

    @Test
    void anAddressHasTenTriesInAMinute() throws Exception {
        ByteBuffer guess = FrameCodec.encode(request(Frame.Proof.CODE, "00".repeat(16)));
        for (int i = 0; i < EnrolmentDesk.MOST_OF_AN_ADDRESS; i++) {
            assertThat(refused(answer(null, guess.duplicate()))).contains("there is no such code");
        }
        assertThat(refused(answer(null, guess.duplicate()))).contains("expected at most 10 requests");
    }
}
