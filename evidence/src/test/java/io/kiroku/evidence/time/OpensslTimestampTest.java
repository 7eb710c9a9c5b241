package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.MalformedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that {@code openssl ts} answers, and tokens that it made and verifies. */
class OpensslTimestampTest {
    private static final byte[] DATA = "example.org/log\n3\nAAAA\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private static Path directory;

    private static OpensslTsa tsa;
    private static TimestampRequest request;
    private static byte[] response;

    @BeforeAll
    static void ask() throws Exception {
        tsa = OpensslTsa.in(directory.resolve("tsa"), "tsa");
        request = TimestampRequest.over(DATA, 0xfedcba9876543210L);
        response = tsa.reply(request.der());
    }

    @Test
    void opensslReadsARequest() throws Exception {
        Files.write(directory.resolve("tsa/read.tsq"), request.der());
        assertThat(tsa.openssl("ts", "-query", "-in", "read.tsq", "-text").text())
                .contains(
                        "Version: 1",
                        "Hash Algorithm: sha256",
                        "Nonce: 0xFEDCBA9876543210",
                        "Certificate required: yes");
    }

    @Test
    void bothVerifyWhatBothMade() throws Exception {
        assertThat(request.check(response)).isInstanceOf(TimestampAnswer.Granted.class);
        TimestampVerdict verdict = TimestampToken.parseEither(response).verify(DATA, tsa.anchors());
        assertThat(verdict).isInstanceOfSatisfying(TimestampVerdict.Holds.class, holds -> {
            assertThat(holds.tsa()).isEqualTo("CN=tsa,O=Kiroku-tests");
            assertThat(holds.accuracy()).isEqualTo(Duration.ofMillis(1500));
            assertThat(Duration.between(holds.time(), Instant.now()).abs()).isLessThan(Duration.ofMinutes(5));
        });
        assertThat(tsa.verify(DATA, response)).matches(outcome -> outcome.status() == 0, "Verification: OK");
    }

    @Test
    void bothRefuseOtherData() throws Exception {
        byte[] other = DATA.clone();
        other[3] ^= 1;
        assertThat(TimestampToken.parseEither(response)
                        .verify(other, tsa.anchors())
                        .holds())
                .isFalse();
        assertThat(tsa.verify(other, response).status()).isNotZero();
    }

    /** As docs/FORMAT.md shows it. */
    @Test
    void opensslVerifiesWhatIsKept() throws Exception {
        Path kept = Path.of("src/test/resources/timestamps").toAbsolutePath();
        String stated = "1795814454";
        assertThat(tsa.openssl(
                        "ts",
                        "-verify",
                        "-data",
                        kept + "/3.checkpoint",
                        "-in",
                        kept + "/3-1.tsr",
                        "-CAfile",
                        kept + "/ca.pem",
                        "-attime",
                        stated))
                .matches(outcome -> outcome.status() == 0);
        byte[] token = Arrays.copyOfRange(StampedCheckpoint.record(), 34, 34 + 4 + 1350);
        Path cut = Files.write(directory.resolve("token.der"), token);
        assertThat(tsa.openssl(
                        "ts",
                        "-verify",
                        "-data",
                        kept + "/3.checkpoint",
                        "-in",
                        cut.toString(),
                        "-token_in",
                        "-CAfile",
                        kept + "/ca.pem",
                        "-attime",
                        stated))
                .matches(outcome -> outcome.status() == 0);
        assertThat(TimestampToken.parse(token).der()).isEqualTo(token);
    }

    @Test
    void aRejectionIsSaidInTheAuthoritysWords() throws Exception {
        TimestampRequest unknown =
                TimestampRequest.ofDigest(DigestAlgorithm.SHA3_256, DigestAlgorithm.SHA3_256.of(DATA), 1);
        assertThat(unknown.check(tsa.reply(unknown.der())))
                .isInstanceOfSatisfying(TimestampAnswer.Refused.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(TimestampAnswer.Reason.REJECTED);
                    assertThat(refused.sentence())
                            .isEqualTo("expected a timestamp (status 0 or 1), found status 2: the authority says"
                                    + " Message digest algorithm is not supported.");
                });
    }

    @ParameterizedTest
    @CsvSource({"RSA, rsa_keygen_bits:2048", "EC, ec_paramgen_curve:P-384"})
    void otherKeys(String algorithm, String option) throws Exception {
        OpensslTsa other = OpensslTsa.in(directory.resolve(algorithm + option), "other", 30, algorithm, option);
        byte[] answer = other.reply(request.der());
        assertThat(request.check(answer)).isInstanceOf(TimestampAnswer.Granted.class);
        assertThat(TimestampToken.parseEither(answer)
                        .verify(DATA, other.anchors())
                        .holds())
                .isTrue();
        assertThat(TimestampToken.parseEither(answer)
                        .verify(DATA, tsa.anchors())
                        .holds())
                .isFalse();
    }

    /** One bit of each byte of the token, and all of them. What still holds says the same. */
    @Test
    void everyByteIsCaughtOrIrrelevant() throws Exception {
        byte[] token = TimestampToken.parseEither(response).der();
        TrustAnchors anchors = tsa.anchors();
        TimestampVerdict sound = TimestampToken.parse(token).verify(DATA, anchors);
        assertThat(sound.holds()).isTrue();
        Set<Integer> irrelevant = new TreeSet<>();
        for (int i = 0; i < token.length; i++) {
            for (int bits : new int[] {1 << i % Byte.SIZE, 0x20, 0xff}) {
                byte[] flipped = token.clone();
                flipped[i] ^= (byte) bits;
                TimestampVerdict verdict;
                try {
                    verdict = TimestampToken.parse(flipped).verify(DATA, anchors);
                } catch (MalformedException malformed) {
                    assertThat(malformed.getMessage()).contains("expected");
                    continue;
                }
                if (verdict.holds()) {
                    assertThat(verdict).as("bits %x of byte %d", bits, i).isEqualTo(sound);
                    irrelevant.add(i);
                }
            }
        }
        assertThat(irrelevant).isNotEmpty();
        irrelevant.removeAll(bytesThatNobodyNeeds(token));
        assertThat(irrelevant).isEmpty();
    }

    /**
     * The issuer's certificate, which whoever trusts it has anyway; and the signer's name where it says whose certificate
     * signed, as names are compared without regard to case: the signed attributes say it by a digest.
     */
    private static Set<Integer> bytesThatNobodyNeeds(byte[] token) throws Exception {
        byte[] issuer =
                TrustAnchors.parsePem(Files.readAllBytes(tsa.ca())).getFirst().getEncoded();
        byte[] name = "tsa-root".getBytes(StandardCharsets.UTF_8);
        Set<Integer> bytes = new TreeSet<>();
        int certificate = lastIndexOf(token, issuer);
        IntStream.range(certificate, certificate + issuer.length).forEach(bytes::add);
        int signerId = lastIndexOf(token, name);
        assertThat(signerId).isGreaterThan(certificate + issuer.length);
        IntStream.range(signerId - 2, signerId + name.length).forEach(bytes::add);
        return bytes;
    }

    private static int lastIndexOf(byte[] bytes, byte[] part) {
        for (int at = bytes.length - part.length; at >= 0; at--) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("the token lacks what it should hold");
    }
}
