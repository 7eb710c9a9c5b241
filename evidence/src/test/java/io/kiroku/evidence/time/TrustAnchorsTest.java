package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class TrustAnchorsTest {
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");
    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2030-01-01T00:00:00Z");

    private final KeyPair rootKey = newKey();
    private final KeyPair middleKey = newKey();
    private final KeyPair endKey = newKey();
    private final X509Certificate root = issue("root", rootKey, "root", rootKey, true, TO);
    private final TrustAnchors anchors = TrustAnchors.of(List.of(root));
    private int serial;

    TrustAnchorsTest() throws Exception {}

    private static KeyPair newKey() throws Exception {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private X509Certificate issue(
            String issuer, KeyPair issuerKey, String subject, KeyPair key, boolean isAuthority, Instant to)
            throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.valueOf(++serial),
                Date.from(FROM),
                Date.from(to),
                new X500Name("CN=" + subject),
                key.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("Ed25519").build(issuerKey.getPrivate())));
    }

    @Test
    void aChainOfSeveralIsFound() throws Exception {
        X509Certificate high = issue("root", rootKey, "high", middleKey, true, TO);
        KeyPair lowKey = newKey();
        X509Certificate low = issue("high", middleKey, "low", lowKey, true, TO);
        X509Certificate end = issue("low", lowKey, "end", endKey, false, TO);
        X509Certificate decoy = issue("nobody", newKey(), "low", newKey(), true, TO);
        assertThat(anchors.refusal(end, List.of(end, decoy, low, root, high), NOON))
                .isNull();
        assertThat(TrustAnchors.of(List.of(low)).refusal(end, List.of(), NOON)).isNull();
        assertThat(TrustAnchors.of(List.of(end)).refusal(end, List.of(), NOON)).isNull();
        assertThat(anchors.refusal(end, List.of(end, decoy, low), NOON))
                .isEqualTo("expected a certificate that a trusted one had issued and that was valid at " + NOON
                        + ", found no chain to a trusted one of CN=end");
    }

    @Test
    void whoIsNoAuthorityIssuesNothing() throws Exception {
        X509Certificate middle = issue("root", rootKey, "middle", middleKey, false, TO);
        X509Certificate end = issue("middle", middleKey, "end", endKey, false, TO);
        assertThat(anchors.refusal(end, List.of(middle), NOON)).startsWith("expected a certificate that a trusted one");
    }

    @Test
    void allOfTheChainWasValidThen() throws Exception {
        X509Certificate middle = issue("root", rootKey, "middle", middleKey, true, NOON);
        X509Certificate end = issue("middle", middleKey, "end", endKey, false, TO);
        assertThat(anchors.refusal(end, List.of(middle), NOON)).isNull();
        assertThat(anchors.refusal(end, List.of(middle), NOON.plusSeconds(1))).contains("no chain to a trusted one");
    }

    @Test
    void whoIsTrustedWasValidThenToo() throws Exception {
        X509Certificate end = issue("root", rootKey, "end", endKey, false, TO.plusSeconds(9));
        assertThat(anchors.refusal(end, List.of(), TO)).isNull();
        assertThat(anchors.refusal(end, List.of(root), TO.plusSeconds(1))).contains("no chain to a trusted one");
    }

    /** As many certificates as a token may have, all of which may have issued each other. */
    @Test
    void certificatesThatLeadNowhereTakeNoTime() throws Exception {
        List<X509Certificate> others = new ArrayList<>();
        for (int i = 0; i < TokenSigner.MOST_CERTIFICATES; i++) {
            others.add(issue("middle", middleKey, "middle", middleKey, true, TO));
        }
        X509Certificate end = issue("middle", middleKey, "end", endKey, false, TO);
        long began = System.nanoTime();
        assertThat(anchors.refusal(end, others, NOON)).contains("no chain to a trusted one");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void pemHasAnyTextAroundItsCertificates() throws Exception {
        String block = "-----BEGIN CERTIFICATE-----\r\n"
                + Base64.getMimeEncoder().encodeToString(root.getEncoded())
                + "\r\n-----END CERTIFICATE-----\r\n";
        assertThat(TrustAnchors.parsePem(("subject: root\n" + block + "\n" + block).getBytes(StandardCharsets.UTF_8)))
                .containsExactly(root, root);
        assertThatThrownBy(() -> TrustAnchors.parsePem("text".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none");
        assertThatThrownBy(
                        () -> TrustAnchors.parsePem((block + block.replace("M", "N")).getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("expected a");
        assertThatThrownBy(() -> TrustAnchors.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
