package io.kiroku.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads and writes PEM (RFC 7468, and the older forms of private keys that OpenSSL and cert-manager write, PKCS #1 and SEC 1). */
public final class Pem {
    /** Objects in one file, at most. */
    static final int MOST_OBJECTS = 1_000;

    private static final int LINE = 64;

    private static final Map<ASN1ObjectIdentifier, String> KEY_ALGORITHMS = Map.of(
            X9ObjectIdentifiers.id_ecPublicKey, "EC",
            PKCSObjectIdentifiers.rsaEncryption, "RSA",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519");

    private Pem() {}

    /**
     * All certificates of a file, in its order; what else is in it is passed over.
     *
     * @throws IOException with one sentence if there is none, or one is damaged
     */
    public static List<X509Certificate> certificates(String name, byte[] pem) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        for (Object object : objects(name, pem)) {
            if (object instanceof X509CertificateHolder holder) {
                try {
                    found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
                } catch (GeneralSecurityException damaged) {
                    throw damaged(name, "a certificate", damaged);
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException("expected a certificate in %s, found none".formatted(name));
        }
        return found;
    }

    /**
     * The private key of a file.
     *
     * @throws IOException with one sentence if there is none, it is encrypted, of another kind than EC, RSA or Ed25519, or
     *     damaged
     */
    public static PrivateKey privateKey(String name, byte[] pem) throws IOException {
        for (Object object : objects(name, pem)) {
            switch (object) {
                case PrivateKeyInfo info -> {
                    return privateKey(name, info);
                }
                case PEMKeyPair pair -> {
                    return privateKey(name, pair.getPrivateKeyInfo());
                }
                case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                    throw new IOException("expected a private key without a pass phrase in %s, found an encrypted one"
                            .formatted(name));
                default -> {
                    // EC PARAMETERS, which OpenSSL writes before such a key.
                }
            }
        }
        throw new IOException("expected a private key in %s, found none".formatted(name));
    }

    private static PrivateKey privateKey(String name, PrivateKeyInfo info) throws IOException {
        ASN1ObjectIdentifier kind = info.getPrivateKeyAlgorithm().getAlgorithm();
        String algorithm = KEY_ALGORITHMS.get(kind);
        if (algorithm == null) {
            throw new IOException(
                    "expected a private key of EC, RSA or Ed25519 in %s, found one of kind %s".formatted(name, kind));
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (GeneralSecurityException damaged) {
            throw damaged(name, "a private key", damaged);
        }
    }

    /**
     * All lists of revoked certificates of a file.
     *
     * @throws IOException with one sentence if there is none, or one is damaged
     */
    static List<X509CRL> revocations(String name, byte[] pem) throws IOException {
        List<X509CRL> found = new ArrayList<>();
        for (Object object : objects(name, pem)) {
            if (object instanceof X509CRLHolder holder) {
                try {
                    found.add((X509CRL) CertificateFactory.getInstance("X.509")
                            .generateCRL(new ByteArrayInputStream(holder.getEncoded())));
                } catch (GeneralSecurityException damaged) {
                    throw damaged(name, "a list of revoked certificates", damaged);
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException(
                    "expected a list of revoked certificates (X509 CRL) in %s, found none".formatted(name));
        }
        return found;
    }

    /** Certificates, one after the other. */
    public static byte[] of(List<X509Certificate> certificates) throws IOException {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                text.append(block("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateEncodingException damaged) {
                throw new IOException("a certificate cannot be written: " + damaged.getMessage(), damaged);
            }
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** A private key, PKCS #8. */
    public static byte[] of(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded()).getBytes(StandardCharsets.US_ASCII);
    }

    private static String block(String label, byte[] der) {
        String lines = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, lines, label);
    }

    /**
     * A certificate of anybody's, in DER.
     *
     * @throws IOException with one sentence if it is damaged
     */
    public static X509Certificate certificate(byte[] der) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException | RuntimeException damaged) {
            throw new IOException("expected a certificate (X.509), found that it is damaged", damaged);
        }
    }

    private static List<Object> objects(String name, byte[] pem) throws IOException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser =
                new PEMParser(new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.ISO_8859_1))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
                if (objects.size() > MOST_OBJECTS) {
                    throw new IOException("more than %d objects".formatted(MOST_OBJECTS));
                }
            }
        } catch (IOException | RuntimeException damaged) {
            // Bouncy Castle's parsers of ASN.1 throw both.
            throw damaged(name, "PEM", damaged);
        }
        return objects;
    }

    private static IOException damaged(String name, String expected, Exception cause) {
        return new IOException(
                "expected %s in %s, found that it is damaged: %s"
                        .formatted(
                                expected,
                                name,
                                String.valueOf(cause.getMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse("")),
                cause);
    }
}
