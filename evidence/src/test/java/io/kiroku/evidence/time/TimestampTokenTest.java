package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.MalformedException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens of an authority that errs. */
class TimestampTokenTest {
    private static final byte[] DATA = "a checkpoint\n".getBytes(StandardCharsets.UTF_8);
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");
    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2030-01-01T00:00:00Z");

    private static TimestampVerdict verdict(PretendTsa tsa, Instant time) throws Exception {
        return tsa.stamp(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(DATA), time)
                .verify(DATA, tsa.anchors());
    }

    private static String failure(TimestampVerdict verdict) {
        assertThat(verdict).isInstanceOf(TimestampVerdict.Fails.class);
        return ((TimestampVerdict.Fails) verdict).sentence();
    }

    private static String failure(PretendTsa tsa) throws Exception {
        return failure(verdict(tsa, NOON));
    }

    @Test
    void aTokenSaysWhenByWhomAndHowExactly() throws Exception {
        assertThat(verdict(PretendTsa.ofTheTwenties(), NOON))
                .isEqualTo(new TimestampVerdict.Holds(NOON, PretendTsa.ACCURACY, "CN=Twenties", BigInteger.ONE));
    }

    @Test
    void otherDataDoNotHold() throws Exception {
        PretendTsa tsa = PretendTsa.ofTheTwenties();
        TimestampToken token = tsa.stamp(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(DATA), NOON);
        byte[] other = DATA.clone();
        other[0] ^= 1;
        assertThat(failure(token.verify(other, tsa.anchors())))
                .startsWith("expected a timestamp of data with the SHA-256 ");
    }

    @Test
    void everyDigestOfTheListIsTaken() throws Exception {
        PretendTsa tsa = PretendTsa.ofTheTwenties();
        for (DigestAlgorithm digest : DigestAlgorithm.values()) {
            assertThat(tsa.stamp(digest, digest.of(DATA), NOON)
                            .verify(DATA, tsa.anchors())
                            .holds())
                    .as("%s", digest)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, SHA384withRSA",
        "RSA, SHA256withRSAandMGF1",
        "EC, SHA512withECDSA",
        "Ed25519, Ed25519",
        "ML-DSA-44, ML-DSA-44"
    })
    void signaturesOfAllSorts(String key, String algorithm) throws Exception {
        PretendTsa tsa = new PretendTsa("x", new PretendTsa.Form(FROM, TO), key).signingWith(algorithm);
        assertThat(verdict(tsa, NOON)).isInstanceOf(TimestampVerdict.Holds.class);
    }

    @ParameterizedTest
    @CsvSource({"RSA1024, SHA256withRSA", "DSA, SHA256withDSA", "Ed448, Ed448"})
    void keysThatAreNotTaken(String key, String algorithm) throws Exception {
        assertThat(failure(new PretendTsa("x", new PretendTsa.Form(FROM, TO), key).signingWith(algorithm)))
                .startsWith("expected a key for RSA (2048 to 8192 bits), ECDSA on a named curve, Ed25519 or ML-DSA,"
                        + " found ");
    }

    @Test
    void aCertificateForOtherPurposesDoesNotHold() throws Exception {
        assertThat(failure(new PretendTsa("x", new PretendTsa.Form(FROM, TO, true, List.of()))))
                .isEqualTo("expected a certificate for timestamps, found one without extended key usage");
        assertThat(failure(new PretendTsa(
                        "x", new PretendTsa.Form(FROM, TO, true, List.of(KeyPurposeId.id_kp_codeSigning)))))
                .startsWith("expected a certificate for timestamps alone, found one for ");
        assertThat(failure(new PretendTsa(
                        "x",
                        new PretendTsa.Form(
                                FROM,
                                TO,
                                true,
                                List.of(KeyPurposeId.id_kp_timeStamping, KeyPurposeId.id_kp_codeSigning)))))
                .startsWith("expected a certificate for timestamps alone, found one for ");
        assertThat(failure(new PretendTsa(
                        "x", new PretendTsa.Form(FROM, TO, false, List.of(KeyPurposeId.id_kp_timeStamping)))))
                .isEqualTo(
                        "expected a critical extended key usage in a timestamp's certificate, found one that is not");
    }

    @Test
    void aCertificateThatWasNotValidThenDoesNotHold() throws Exception {
        PretendTsa tsa = PretendTsa.ofTheTwenties();
        assertThat(failure(verdict(tsa, FROM.minusSeconds(1)))).contains("valid at 2019-12-31T23:59:59Z");
        assertThat(verdict(tsa, FROM).holds()).isTrue();
        assertThat(verdict(tsa, TO).holds()).isTrue();
        assertThat(failure(verdict(tsa, TO.plusSeconds(1)))).contains("valid at 2030-01-01T00:00:01Z");
    }

    @Test
    void anAuthorityThatIsNotTrustedDoesNotHold() throws Exception {
        TimestampToken token =
                PretendTsa.ofTheTwenties().stamp(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(DATA), NOON);
        assertThat(failure(token.verify(DATA, PretendTsa.ofTheTwenties().anchors())))
                .startsWith("expected a certificate that a trusted one had issued and that was valid at " + NOON);
    }

    @Test
    void aTokenNamesItsCertificateAndBringsIt() throws Exception {
        assertThat(failure(PretendTsa.ofTheTwenties().namingAnotherCertificate()))
                .isEqualTo(
                        "expected the certificate that the signed attributes of a timestamp token name, found another");
        assertThat(failure(PretendTsa.ofTheTwenties().leavingOutItsCertificate()))
                .startsWith("expected the certificate of the signer in a timestamp token, found none");
    }

    @Test
    void aBrokenDigestDoesNotHold() throws Exception {
        assertThat(failure(PretendTsa.ofTheTwenties().signingWith("SHA1withECDSA")))
                .startsWith("expected a signature over a digest by one of ");
    }

    @Test
    void aResponseIsHeldAgainstItsRequest() throws Exception {
        PretendTsa tsa = PretendTsa.ofTheTwenties();
        TimestampRequest request = TimestampRequest.over(DATA, -7);
        assertThat(request.check(tsa.reply(request.der(), NOON)))
                .isInstanceOfSatisfying(
                        TimestampAnswer.Granted.class,
                        granted -> assertThat(granted.token().time()).isEqualTo(NOON));
        assertThat(reason(request, tsa.reply(TimestampRequest.over(DATA, 8).der(), NOON)))
                .isEqualTo(TimestampAnswer.Reason.OTHER_NONCE);
        assertThat(reason(
                        request,
                        tsa.reply(TimestampRequest.over(new byte[3], -7).der(), NOON)))
                .isEqualTo(TimestampAnswer.Reason.OTHER_DATA);
        assertThat(reason(request, PretendTsa.respond(PKIStatus.rejection, null)))
                .isEqualTo(TimestampAnswer.Reason.REJECTED);
        assertThat(reason(request, PretendTsa.respond(PKIStatus.granted, null)))
                .isEqualTo(TimestampAnswer.Reason.MALFORMED);
        assertThat(reason(request, "<html>".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(TimestampAnswer.Reason.MALFORMED);
        assertThat(reason(request, new byte[TimestampToken.MOST_BYTES + 1]))
                .isEqualTo(TimestampAnswer.Reason.MALFORMED);
        assertThat(reason(request, tsa.namingAnotherCertificate().reply(request.der(), NOON)))
                .isEqualTo(TimestampAnswer.Reason.UNSOUND);
    }

    private static TimestampAnswer.Reason reason(TimestampRequest request, byte[] response) {
        TimestampAnswer answer = request.check(response);
        assertThat(answer).isInstanceOf(TimestampAnswer.Refused.class);
        TimestampAnswer.Refused refused = (TimestampAnswer.Refused) answer;
        assertThat(refused.sentence()).startsWith("expected ").contains("found ");
        return refused.reason();
    }

    @Test
    void aFileHoldsAResponseOrAToken() throws Exception {
        PretendTsa tsa = PretendTsa.ofTheTwenties();
        byte[] response = tsa.reply(TimestampRequest.over(DATA, 1).der(), NOON);
        byte[] token = TimestampToken.parseEither(response).der();
        assertThat(TimestampToken.parseEither(token).der()).isEqualTo(token);
        assertThat(TimestampToken.parse(token).verify(DATA, tsa.anchors()).holds())
                .isTrue();
        assertThatThrownBy(() -> TimestampToken.parse(response))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("expected a timestamp token, found other DER");
        assertThat(PretendTsa.respond(
                        PKIStatus.granted, TimestampToken.parse(token).content()))
                .isEqualTo(response);
        assertThat(TimestampToken.parse(token).content().getEncoded(ASN1Encoding.DER))
                .isEqualTo(token);
    }
}
