package io.kiroku.evidence.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.record.Octets;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningKeyTest {
    private static final byte[] MESSAGE = {1, 2, 3};

    private final SigningKey key = SigningKey.generate(new CountedRandom("key"));

    /** RFC 8032, section 7.1, tests 1 to 3: private key, public key, message, signature. */
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
            + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
            + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
            + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
            + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
            + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
            + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    })
    void theVectorsOfTheStandardHold(String seed, String publicKey, String message, String signature) {
        SigningKey standard = SigningKey.of(Octets.parse(seed).toArray());
        byte[] bytes = Octets.parse(message).toArray();
        assertThat(standard.publicKey()).hasToString(publicKey);
        assertThat(Octets.of(standard.sign(bytes))).hasToString(signature);
        assertThat(SigningKey.verify(Octets.parse(publicKey), bytes, Octets.parse(signature)))
                .isTrue();
        assertThat(standard.seed()).isEqualTo(Octets.parse(seed).toArray());
    }

    @Test
    void anyOtherBitIsRefused() {
        Octets signature = Octets.of(key.sign(MESSAGE));
        for (int bit = 0; bit < 512; bit++) {
            assertThat(SigningKey.verify(key.publicKey(), MESSAGE, flip(signature, bit)))
                    .as("signature bit %d", bit)
                    .isFalse();
        }
        for (int bit = 0; bit < 256; bit++) {
            assertThat(SigningKey.verify(flip(key.publicKey(), bit), MESSAGE, signature))
                    .as("key bit %d", bit)
                    .isFalse();
        }
        assertThat(SigningKey.verify(key.publicKey(), new byte[] {1, 2, 4}, signature))
                .isFalse();
    }

    /** RFC 8032, section 5.1.7: S must be below the group's order, else anybody could make a second signature. */
    @Test
    void theSameSignatureWrittenAnotherWayIsRefused() {
        byte[] signature = key.sign(MESSAGE);
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        BigInteger s = new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64)));
        byte[] shifted = reversed(s.add(order).toByteArray());
        System.arraycopy(shifted, 0, signature, 32, 32);
        assertThat(SigningKey.verify(key.publicKey(), MESSAGE, Octets.of(signature)))
                .isFalse();
    }

    @Test
    void keysAndSignaturesOfAnotherLengthAreRefused() {
        Octets signature = Octets.of(key.sign(MESSAGE));
        assertThat(SigningKey.verify(Octets.zero(31), MESSAGE, signature)).isFalse();
        assertThat(SigningKey.verify(key.publicKey(), MESSAGE, Octets.zero(63))).isFalse();
        assertThat(SigningKey.verify(Octets.zero(32), MESSAGE, Octets.zero(64))).isFalse();
        assertThatThrownBy(() -> SigningKey.of(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("31");
    }

    @Test
    void theSeedGivenAndTakenAreCopies() {
        byte[] seed = CountedRandom.first("seed");
        SigningKey copy = SigningKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(copy.seed(), (byte) 0);
        assertThat(SigningKey.verify(copy.publicKey(), MESSAGE, Octets.of(copy.sign(MESSAGE))))
                .isTrue();
    }

    private static Octets flip(Octets octets, int bit) {
        byte[] bytes = octets.toArray();
        bytes[bit / 8] ^= (byte) (1 << (bit % 8));
        return Octets.of(bytes);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }
}
