package io.kiroku.collector.serve;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a client's certificate is one by which audit events may be sent: the authorities are in {@value #FILE} of the directory of
 * the edge's own certificate, read again when they change; what is no authority leaves those in force that were there before.
 * The JDK checks the path (RFC 5280), and that the certificate is for clients. Used by any thread.
 */
final class SenderCertificates implements X509TrustManager {
    /** Not ca.crt: that is there wherever the own certificate comes from, and vouches for others too. */
    static final String FILE = "senders.crt";

    private static final Logger LOG = LoggerFactory.getLogger(SenderCertificates.class);
    private static final int MOST_BYTES = 1 << 20;
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Path file;
    private final LongSupplier nanoTime;
    private byte[] content;
    private X509TrustManager paths;
    private long lookedAt;

    private SenderCertificates(Path file, LongSupplier nanoTime) throws IOException {
        this.file = file;
        this.nanoTime = nanoTime;
        this.content = read();
        this.paths = paths(content);
        this.lookedAt = nanoTime.getAsLong();
    }

    /**
     * Reads the directory; empty if the file is not there, and clients are not asked for certificates.
     *
     * @throws IOException if it is no list of authorities; the message is for people
     */
    static Optional<SenderCertificates> in(Path directory, LongSupplier nanoTime) throws IOException {
        Path file = directory.resolve(FILE);
        return Files.exists(file) ? Optional.of(new SenderCertificates(file, nanoTime)) : Optional.empty();
    }

    private byte[] read() throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("%s: expected at most %d bytes".formatted(file, MOST_BYTES));
        }
        return Files.readAllBytes(file);
    }

    private X509TrustManager paths(byte[] pem) throws IOException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int number = 0;
            for (Certificate authority :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                anchors.setCertificateEntry(Integer.toString(number++), authority);
            }
            if (number == 0) {
                throw new IOException("expected certificates in PEM in %s, found none".formatted(file));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager found) {
                    return found;
                }
            }
            throw new IOException("this Java has no trust manager of kind PKIX");
        } catch (GeneralSecurityException unfit) {
            throw new IOException(
                    "expected certificates in PEM in %s, found %s".formatted(file, unfit.getMessage()), unfit);
        }
    }

    private synchronized X509TrustManager current() {
        long now = nanoTime.getAsLong();
        if (now - lookedAt >= LOOK.toNanos()) {
            lookedAt = now;
            try {
                byte[] fresh = read();
                if (!Arrays.equals(fresh, content)) {
                    paths = paths(fresh);
                    content = fresh;
                    LOG.info("The authorities of senders in {} have changed.", file);
                }
            } catch (IOException unfit) {
                LOG.warn("The authorities of senders that were there before are used further: {}.", unfit.getMessage());
            }
        }
        return paths;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        current().checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("expected a client");
    }

    /** Clients are told for whose certificates they are asked: a browser with others need not choose one. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return current().getAcceptedIssuers();
    }
}
