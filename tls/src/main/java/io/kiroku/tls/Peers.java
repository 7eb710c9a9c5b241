package io.kiroku.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** What a certificate says of its owner, for people and for comparing. */
public final class Peers {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final int MOST_NAME = 200;

    private Peers() {}

    /** The subject, bounded and printable: the certificate may be anybody's. */
    public static String name(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        String clean = subject.codePoints()
                .limit(MOST_NAME)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return clean.isEmpty() ? "a certificate without a subject" : clean;
    }

    /**
     * Reads the first certificate of a file.
     *
     * @throws IOException with one sentence if there is none in it
     */
    public static X509Certificate read(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            return Pem.certificates(pem.toString(), in.readNBytes(TlsDirectory.MOST_BYTES))
                    .getFirst();
        }
    }

    /** SHA-256 of the public key as X.509 encodes it (SubjectPublicKeyInfo, RFC 5280, section 4.1.2.7), 64 digits. */
    public static String keyDigest(X509Certificate certificate) {
        return keyDigest(certificate.getPublicKey());
    }

    /** The same of a key. */
    public static String keyDigest(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The host names and addresses that it is issued to, for a sentence. */
    static String hosts(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            String hosts = names == null
                    ? ""
                    : names.stream()
                            .filter(name ->
                                    name.getFirst() instanceof Integer kind && (kind == DNS_NAME || kind == IP_ADDRESS))
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.joining(", "));
            return hosts.isEmpty() ? "no host" : hosts.substring(0, Math.min(hosts.length(), MOST_NAME));
        } catch (CertificateParsingException damaged) {
            return "no host";
        }
    }
}
