package io.kiroku.collector.enrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.agents.Pin;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.CertificateRequests;
import io.kiroku.tls.EnrolmentCode;
import io.kiroku.tls.Peers;
import io.kiroku.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentsTest {
    private static final Octets STREAM = Octets.parse("11".repeat(16));
    private static final Octets OTHER_STREAM = Octets.parse("22".repeat(16));
    private static final Duration LIFE = Duration.ofDays(30);

    private final SecureRandom random = new SecureRandom();
    private final KeyPair key = CertificateAuthority.newKey(random);
    private final KeyPair second = CertificateAuthority.newKey(random);
    private final List<CustodyRecord> recorded = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final InstantSource clock = () -> now;

    @TempDir
    Path data;

    private CertificateAuthority authority;
    private EnrolmentCodes codes;
    private AgentRegister register;
    private Enrolments enrolments;

    @BeforeEach
    void open() throws IOException {
        authority = AuthorityFiles.in(data, random, clock);
        codes = new EnrolmentCodes(data, clock);
        register = AgentRegister.open(data, clock);
        enrolments = new Enrolments(authority, LIFE, codes, register, Optional.empty(), recorded::add, clock);
    }

    private String code(String node, boolean replaces) throws IOException {
        EnrolmentCode code = EnrolmentCode.create(random, authority.certificate());
        codes.add(code, node, Duration.ofHours(1), replaces);
        return code.secret();
    }

    private Frame ask(
            String node, Octets stream, Frame.Proof proof, String secret, KeyPair owner, Optional<String> shown)
            throws IOException {
        Octets request = Octets.of(CertificateRequests.make(owner));
        return enrolments.answer(
                new Frame.Enrol(Frame.VERSION, stream, node, proof, secret, request),
                shown,
                "192.0.2.7",
                List.of(authority.certificate()));
    }

    private Frame byCode(String node, String secret, KeyPair owner) throws IOException {
        return ask(node, STREAM, Frame.Proof.CODE, secret, owner, Optional.empty());
    }

    private static void assertRefused(Frame answer, String sentence) {
        assertThat(answer).isInstanceOfSatisfying(Frame.Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(Frame.RefusalCode.IDENTITY);
            assertThat(refusal.sentence()).contains(sentence);
        });
    }

    private static X509Certificate issued(Frame answer) throws IOException {
        assertThat(answer).isInstanceOf(Frame.Certificate.class);
        return Pem.certificate(((Frame.Certificate) answer).certificate().toArray());
    }

    @Test
    void aCodeGivesOneCertificateAndPinsKeyAndStream() throws Exception {
        String secret = code("node-1", false);
        X509Certificate own = issued(byCode("node-1", secret, key));
        own.verify(authority.certificate().getPublicKey());
        assertThat(own.getPublicKey()).isEqualTo(key.getPublic());
        assertThat(own.getNotAfter().toInstant()).isEqualTo(now.plus(LIFE));
        assertThat(register.pins()).singleElement().satisfies(pin -> {
            assertThat(pin.node()).isEqualTo("node-1");
            assertThat(pin.key()).isEqualTo(Peers.keyDigest(key.getPublic()));
            assertThat(pin.stream()).isEqualTo(STREAM);
        });
        assertRefused(byCode("node-1", secret, second), "node node-1 is pinned to key ");
        register.end("node-1", Pin.Reason.REVOKED);
        assertRefused(byCode("node-1", secret, second), "this code was used already");
        assertThat(recorded)
                .extracting(CustodyRecord::outcome)
                .containsExactly(Outcome.ANSWERED, Outcome.REFUSED, Outcome.REFUSED);
        assertThat(recorded.getLast().from()).isEqualTo("192.0.2.7");
        assertThat(recorded.toString()).doesNotContain(secret);
    }

    @Test
    void whoseAnswerWasLostAsksOnceMore() throws Exception {
        String secret = code("node-1", false);
        issued(byCode("node-1", secret, key));
        issued(byCode("node-1", secret, key));
        assertThat(register.pins()).hasSize(1);
        now = now.plus(Duration.ofHours(2));
        assertRefused(byCode("node-1", secret, key), "this code expired at 2026-03-01T11:00:00Z");
    }

    @Test
    void otherCodesAreRefused() throws Exception {
        assertRefused(byCode("node-1", "00".repeat(16), key), "there is no such code");
        assertRefused(byCode("node-1", "../ca", key), "there is no such code");
        String secret = code("node-1", false);
        assertRefused(byCode("node-2", secret, key), "this code is for another node than node-2");
        now = now.plus(Duration.ofMinutes(61));
        assertRefused(byCode("node-1", secret, key), "this code expired at");
        assertThat(register.pins()).isEmpty();
        assertRefused(
                ask("node-1", STREAM, Frame.Proof.TOKEN, "t", key, Optional.empty()), "takes no tokens of a cluster");
    }

    @Test
    void aSecondKeyTakesACodeThatReplaces() throws Exception {
        issued(byCode("node-1", code("node-1", false), key));
        assertRefused(byCode("node-1", code("node-1", false), second), "make a code with --replace");
        issued(ask("node-1", OTHER_STREAM, Frame.Proof.CODE, code("node-1", true), second, Optional.empty()));
        assertThat(register.active("node-1").orElseThrow().key()).isEqualTo(Peers.keyDigest(second.getPublic()));
        assertRefused(byCode("node-1", code("node-1", true), key), "was pinned before");
    }

    @Test
    void aCertificateIsRenewedForItsOwnKeyUntilThatIsRevoked() throws Exception {
        issued(byCode("node-1", code("node-1", false), key));
        Optional<String> own = Optional.of(Peers.keyDigest(key.getPublic()));
        now = now.plus(Duration.ofDays(20));
        X509Certificate renewed = issued(ask("node-1", STREAM, Frame.Proof.CERTIFICATE, "", key, own));
        assertThat(renewed.getNotAfter().toInstant()).isEqualTo(now.plus(LIFE));
        assertRefused(
                ask("node-1", STREAM, Frame.Proof.CERTIFICATE, "", key, Optional.empty()),
                "expected a certificate, a code or a token, found none");
        assertRefused(
                ask("node-1", STREAM, Frame.Proof.CERTIFICATE, "", second, own), "for the key of this connection");
        assertRefused(ask("node-2", STREAM, Frame.Proof.CERTIFICATE, "", key, own), "not pinned to node node-2");
        assertRefused(ask("node-1", OTHER_STREAM, Frame.Proof.CERTIFICATE, "", key, own), "found stream 2222");
        register.end("node-1", Pin.Reason.REVOKED);
        assertRefused(ask("node-1", STREAM, Frame.Proof.CERTIFICATE, "", key, own), "was revoked at");
    }

    @Test
    void whatIsNoRequestIsRefusedAndUsesNothingUp() throws Exception {
        String secret = code("node-1", false);
        Frame answer = enrolments.answer(
                new Frame.Enrol(Frame.VERSION, STREAM, "node-1", Frame.Proof.CODE, secret, Octets.parse("3003020100")),
                Optional.empty(),
                "192.0.2.7",
                List.of(authority.certificate()));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Frame.Refusal.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(Frame.RefusalCode.PROTOCOL));
        issued(byCode("node-1", secret, key));
    }

    @Test
    void nothingIsGivenOutThatCannotBeWrittenDown() throws Exception {
        Enrolments mute = new Enrolments(
                authority,
                LIFE,
                codes,
                register,
                Optional.empty(),
                _ -> {
                    throw new IOException("no room");
                },
                clock);
        Frame answer = mute.answer(
                new Frame.Enrol(
                        Frame.VERSION,
                        STREAM,
                        "node-1",
                        Frame.Proof.CODE,
                        code("node-1", false),
                        Octets.of(CertificateRequests.make(key))),
                Optional.empty(),
                "192.0.2.7",
                List.of(authority.certificate()));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Frame.Refusal.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(Frame.RefusalCode.UNAVAILABLE));
    }

    @Test
    void theAuthorityStaysAndIsItsOwnersAlone() throws Exception {
        assertThat(AuthorityFiles.in(data, random, clock).certificate()).isEqualTo(authority.certificate());
        for (String file : List.of("ca.key", "ca.crt")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(file))))
                    .isEqualTo("rw-------");
        }
        Files.writeString(data.resolve("ca.key"), "x");
        assertThatThrownBy(() -> AuthorityFiles.in(data, random, clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca.key");
    }

    @Test
    void aCollectorRenewsItsOwnCertificate() throws Exception {
        try (CollectorCertificate own =
                CollectorCertificate.in(data, authority, List.of("localhost"), Duration.ofDays(30), random, clock)) {
            Path file = own.directory().resolve("tls.crt");
            X509Certificate first = Peers.read(file);
            now = now.plus(Duration.ofDays(19));
            own.refresh();
            assertThat(Peers.read(file)).isEqualTo(first);
            now = now.plus(Duration.ofDays(2));
            own.refresh();
            assertThat(Peers.read(file).getNotAfter()).isAfter(first.getNotAfter());
        }
    }
}
