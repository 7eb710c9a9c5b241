package io.kiroku.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory with {@code tls.crt}, {@code tls.key}, {@code ca.crt} and {@code crl.pem} (the last two need not be there), all
 * PEM: the layout of a Kubernetes Secret of type {@code kubernetes.io/tls} as cert-manager fills it. Mounted by the kubelet,
 * the names lead through a link {@code ..data} that is changed in one step; the files are read from where it leads at one
 * moment, so that they belong together. What is changed is taken when {@link #refresh} is called; what does not fit is refused
 * with one sentence in the log, and what was there before stays in force. Used by any thread.
 */
public final class TlsDirectory {
    /** Bytes of a file, at most. */
    static final int MOST_BYTES = 1 << 20;

    /** Of {@code crl.pem}: a list of revoked certificates may be long. */
    static final int MOST_REVOCATION_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(TlsDirectory.class);
    private static final String DATA = "..data";
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";
    private static final String AUTHORITIES = "ca.crt";
    private static final String REVOCATIONS = "crl.pem";
    private static final int CHALLENGE = 32;

    private final Path directory;
    private final InstantSource clock;
    private byte[] lastRead;
    private String lastComplaint = "";
    private volatile TlsMaterial material;

    private TlsDirectory(Path directory, InstantSource clock) throws IOException {
        this.directory = directory;
        this.clock = clock;
        SortedMap<String, byte[]> files = read();
        lastRead = digest(files);
        material = parse(files);
        remark(material);
    }

    /**
     * Reads a directory.
     *
     * @throws IOException with one sentence if a file is missing, unreadable, damaged or too long, or the key is not that
     *     of the certificate
     */
    public static TlsDirectory open(Path directory, InstantSource clock) throws IOException {
        return new TlsDirectory(directory, clock);
    }

    /** What is in force. */
    public TlsMaterial material() {
        return material;
    }

    public Path path() {
        return directory;
    }

    /** Looks whether the files have changed. True if there is other material now. */
    public synchronized boolean refresh() {
        try {
            SortedMap<String, byte[]> files = read();
            byte[] digest = digest(files);
            if (MessageDigest.isEqual(digest, lastRead)) {
                return false;
            }
            TlsMaterial fresh = parse(files);
            lastRead = digest;
            lastComplaint = "";
            material = fresh;
            LOG.info(
                    "The certificates in {} have changed: from now on it is {}.",
                    directory,
                    describe(fresh.certificate()));
            remark(fresh);
            return true;
        } catch (IOException unfit) {
            String complaint = String.valueOf(unfit.getMessage());
            if (!complaint.equals(lastComplaint)) {
                lastComplaint = complaint;
                LOG.warn(
                        "The certificates in {} are not taken, those from before stay in force: {}.",
                        directory,
                        complaint);
            }
            return false;
        }
    }

    /** The bytes of the files that are there, all of one moment. */
    private SortedMap<String, byte[]> read() throws IOException {
        Path data = directory.resolve(DATA);
        Path at = Files.exists(data) ? data.toRealPath() : directory;
        SortedMap<String, byte[]> files = new TreeMap<>();
        for (String name : List.of(CERTIFICATE, KEY, AUTHORITIES, REVOCATIONS)) {
            read(at, name).ifPresent(bytes -> files.put(name, bytes));
        }
        return files;
    }

    private Optional<byte[]> read(Path at, String name) throws IOException {
        try (InputStream in = Files.newInputStream(at.resolve(name))) {
            int most = name.equals(REVOCATIONS) ? MOST_REVOCATION_BYTES : MOST_BYTES;
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("expected at most %d bytes in %s, found more".formatted(most, named(name)));
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (AccessDeniedException denied) {
            throw new IOException(
                    "expected to be allowed to read %s, found that this is denied".formatted(named(name)), denied);
        }
    }

    private static byte[] digest(SortedMap<String, byte[]> files) {
        try {
            MessageDigest all = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                all.update((file.getKey() + " " + file.getValue().length + "\n").getBytes(StandardCharsets.US_ASCII));
                all.update(file.getValue());
            }
            return all.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private byte[] required(SortedMap<String, byte[]> files, String name) throws IOException {
        byte[] bytes = files.get(name);
        if (bytes == null) {
            throw new IOException("expected a file %s, found none".formatted(named(name)));
        }
        return bytes;
    }

    private TlsMaterial parse(SortedMap<String, byte[]> files) throws IOException {
        List<X509Certificate> chain = Pem.certificates(named(CERTIFICATE), required(files, CERTIFICATE));
        PrivateKey key = Pem.privateKey(named(KEY), required(files, KEY));
        if (!fits(key, chain.getFirst())) {
            throw new IOException(
                    "expected the key of %s in %s, found another".formatted(named(CERTIFICATE), named(KEY)));
        }
        byte[] authorityFile = files.get(AUTHORITIES);
        byte[] revocationFile = files.get(REVOCATIONS);
        List<X509Certificate> authorities =
                authorityFile == null ? List.of() : Pem.certificates(named(AUTHORITIES), authorityFile);
        List<X509CRL> revocations =
                revocationFile == null ? List.of() : Pem.revocations(named(REVOCATIONS), revocationFile);
        for (X509CRL list : revocations) {
            if (authorities.stream().noneMatch(authority -> signed(authority, list))) {
                throw new IOException("expected %s to be signed by an authority of %s, found a list of %s that is not"
                        .formatted(named(REVOCATIONS), named(AUTHORITIES), list.getIssuerX500Principal()));
            }
        }
        return new TlsMaterial(key, chain, authorities, revocations);
    }

    private String named(String file) {
        return directory.resolve(file).toString();
    }

    private static boolean signed(X509Certificate authority, X509CRL list) {
        if (!authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
            return false;
        }
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException forged) {
            return false;
        }
    }

    /** Whether what the key signs verifies by the certificate. */
    private static boolean fits(PrivateKey key, X509Certificate certificate) throws IOException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
        byte[] challenge = new byte[CHALLENGE];
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(challenge);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(challenge);
            return verifier.verify(signature);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    private void remark(TlsMaterial fresh) {
        Instant now = clock.instant();
        X509Certificate own = fresh.certificate();
        if (own.getNotAfter().toInstant().isBefore(now)
                || own.getNotBefore().toInstant().isAfter(now)) {
            LOG.warn("The certificate {} is not valid now, {}, and others will refuse it.", describe(own), now);
        }
        for (X509CRL list : fresh.revocations()) {
            if (list.getNextUpdate() != null && list.getNextUpdate().toInstant().isBefore(now)) {
                LOG.warn(
                        "The list of revoked certificates of {} should have been replaced at {}; it stays in force.",
                        list.getIssuerX500Principal(),
                        list.getNextUpdate().toInstant());
            }
        }
    }

    private static String describe(X509Certificate certificate) {
        return "%s, valid from %s to %s"
                .formatted(
                        Peers.name(certificate),
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant());
    }
}
