package io.kiroku.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

class CertificateRequestsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final SecureRandom random = new SecureRandom();

    private static byte[] request(String algorithm, String signature, int bits, String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (curve.isEmpty()) {
            generator.initialize(bits);
        } else {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        KeyPair key = generator.generateKeyPair();
        return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=x"), key.getPublic())
                .build(new JcaContentSignerBuilder(signature).build(key.getPrivate()))
                .getEncoded();
    }

    private static void assertRefused(byte[] request, String sentence) {
        assertThatThrownBy(() -> CertificateRequests.keyOf(request))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aRequestHasTheKeyThatSignedIt() throws Exception {
        KeyPair key = CertificateAuthority.newKey(random);
        assertThat(CertificateRequests.keyOf(CertificateRequests.make(key))).isEqualTo(key.getPublic());
    }

    @Test
    void otherKeysAreRefused() throws Exception {
        assertRefused(request("RSA", "SHA256withRSA", 2048, ""), "expected a key of EC on P-256");
        assertRefused(request("EC", "SHA384withECDSA", 0, "secp384r1"), "expected a key of EC on P-256");
        assertRefused(
                request("EC", "SHA512withECDSA", 0, "secp256r1"), "expected a request signed by ECDSA with SHA-256");
        assertRefused(new byte[CertificateRequests.MOST_BYTES + 1], "at most 8192 bytes, found 8193");
        assertRefused(new byte[0], "damaged");
    }

    /** Whatever the bytes: a key whose owner has signed, or one sentence. */
    @Test
    void damagedRequestsAreRefused() throws Exception {
        byte[] good = CertificateRequests.make(CertificateAuthority.newKey(random));
        Random dice = new Random(1);
        int refused = 0;
        for (int round = 0; round < 2_000; round++) {
            byte[] bad = good.clone();
            for (int i = dice.nextInt(1, 4); i > 0; i--) {
                bad[dice.nextInt(bad.length)] ^= (byte) (1 << dice.nextInt(8));
            }
            try {
                CertificateRequests.keyOf(bad);
            } catch (IOException sentence) {
                assertThat(sentence).hasMessageStartingWith("expected ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_990);
    }

    @Test
    void certificatesSayWhoseTheyAreAndHowLong() throws Exception {
        CertificateAuthority authority = CertificateAuthority.of(CertificateAuthority.newKey(random), "a", NOW);
        X509Certificate node =
                authority.toNode("node 1", CertificateAuthority.newKey(random).getPublic(), NOW, Duration.ofDays(30));
        node.verify(authority.certificate().getPublicKey());
        assertThat(node.getSubjectX500Principal().getName()).isEqualTo("CN=node 1");
        assertThat(names(node)).containsExactly("kiroku://node/node%201");
        assertThat(node.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(30)));
        assertThat(node.getNotBefore().toInstant()).isBefore(NOW);
        assertThat(node.getBasicConstraints()).isNegative();
        assertThat(authority.certificate().getBasicConstraints()).isZero();
        X509Certificate collector = authority.toCollector(
                List.of("logs.example.com", "192.0.2.1", "::1"),
                CertificateAuthority.newKey(random).getPublic(),
                NOW,
                Duration.ofDays(1));
        assertThat(names(collector)).containsExactly("logs.example.com", "192.0.2.1", "0:0:0:0:0:0:0:1");
        assertThatThrownBy(
                        () -> authority.toCollector(List.of("a b"), collector.getPublicKey(), NOW, Duration.ofDays(1)))
                .hasMessageContaining("expected a host's name or address, found \"a b\"");
    }

    private static List<String> names(X509Certificate certificate) throws Exception {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        List<String> texts = new ArrayList<>();
        for (List<?> name : names) {
            texts.add(String.valueOf(name.get(1)));
        }
        return texts;
    }

    @Test
    void codesAreReadAsTheyAreWrittenAndNotShown() throws Exception {
        CertificateAuthority authority = CertificateAuthority.of(CertificateAuthority.newKey(random), "a", NOW);
        EnrolmentCode code = EnrolmentCode.create(random, authority.certificate());
        assertThat(EnrolmentCode.parse(code.text())).isEqualTo(code);
        assertThat(code.toString()).doesNotContain(code.secret());
        for (String bad : new String[] {
            "", "kiroku-enroll-", "kiroku-enroll-!!", code.text().substring(1), code.text() + "AAAA"
        }) {
            assertThatThrownBy(() -> EnrolmentCode.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a code for enrolment")
                    .hasMessageNotContaining(code.text());
        }
    }
}
