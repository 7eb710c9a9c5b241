package io.kiroku.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What an agent is enrolled by: a secret that is good for one use, and the authority that the collector's certificate has to
 * lead to, so that the agent gives the secret to that collector and nobody else.
 *
 * @param secret 128 random bits, 32 hexadecimal digits
 * @param authority SHA-256 of the authority's certificate in DER, 64 hexadecimal digits
 */
public record EnrolmentCode(String secret, String authority) {
    private static final String PREFIX = "kiroku-enroll-";
    private static final int SECRET_BYTES = 16;
    private static final int DIGEST_BYTES = 32;

    /** A new one. */
    public static EnrolmentCode create(SecureRandom random, X509Certificate authority) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new EnrolmentCode(HexFormat.of().formatHex(secret), fingerprint(authority));
    }

    /**
     * Reads one as {@link #text} writes it.
     *
     * @throws IllegalArgumentException with one sentence, which does not show the text, if it is none
     */
    public static EnrolmentCode parse(String text) {
        try {
            byte[] bytes = text.startsWith(PREFIX)
                    ? Base64.getUrlDecoder().decode(text.substring(PREFIX.length()))
                    : new byte[0];
            if (bytes.length == SECRET_BYTES + DIGEST_BYTES) {
                return new EnrolmentCode(
                        HexFormat.of().formatHex(bytes, 0, SECRET_BYTES),
                        HexFormat.of().formatHex(bytes, SECRET_BYTES, bytes.length));
            }
        } catch (IllegalArgumentException noBase64) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "expected a code for enrolment, %s and 64 characters, found something else".formatted(PREFIX));
    }

    /** As it is printed and handed on. */
    public String text() {
        byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(secret), SECRET_BYTES + DIGEST_BYTES);
        System.arraycopy(HexFormat.of().parseHex(authority), 0, bytes, SECRET_BYTES, DIGEST_BYTES);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** SHA-256 of a certificate in DER, 64 hexadecimal digits. */
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** It holds a secret, so it is not shown. */
    @Override
    public String toString() {
        return "EnrolmentCode[authority=%s]".formatted(authority);
    }
}
