package io.kiroku.collector.serve;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import io.kiroku.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of the HTTP edge: {@code tls.crt} and {@code tls.key} of a directory, as cert-manager lays them out and
 * Kubernetes mounts them. They are looked at every few seconds; two that do not go together, or half a file, leave what was
 * there before.
 */
final class HttpTls {
    private static final Logger LOG = LoggerFactory.getLogger(HttpTls.class);

    /** How often the files are looked at. */
    static final Duration LOOK = Duration.ofSeconds(5);

    private static final int MOST_BYTES = 1 << 20;

    private final Path directory;
    private byte[] certificate = {};
    private byte[] key = {};
    private TlsKeyPair pair;
    private @Nullable String trouble;

    private HttpTls(Path directory) throws IOException {
        this.directory = directory;
        this.pair = read();
    }

    /**
     * Reads the directory.
     *
     * @param every how often it is looked at again
     * @throws IOException if there are not a certificate and its key; the message is for people
     */
    static TlsProvider of(Path directory, Duration every) throws IOException {
        HttpTls tls = new HttpTls(directory);
        return TlsProvider.ofScheduled(tls::current, every);
    }

    private synchronized TlsKeyPair current() {
        try {
            pair = read();
            trouble = null;
        } catch (IOException failure) {
            String sentence = String.valueOf(failure.getMessage());
            if (!sentence.equals(trouble)) {
                trouble = sentence;
                LOG.warn("The certificate that was there before is used further: {}.", sentence);
            }
        }
        return pair;
    }

    private TlsKeyPair read() throws IOException {
        byte[] newCertificate = bytes("tls.crt");
        byte[] newKey = bytes("tls.key");
        if (Arrays.equals(newCertificate, certificate) && Arrays.equals(newKey, key)) {
            return pair;
        }
        TlsKeyPair read;
        try {
            // Not Armeria's own reading, whose EC keys the JDK does not take for such.
            read = TlsKeyPair.of(Pem.privateKey("tls.key", newKey), Pem.certificates("tls.crt", newCertificate));
            requireMatching(read);
        } catch (IOException | IllegalArgumentException | GeneralSecurityException noPair) {
            throw new IOException(
                    "expected a certificate and its private key, both in PEM, in tls.crt and tls.key of %s, found %s"
                            .formatted(directory, noPair.getMessage()),
                    noPair);
        }
        if (certificate.length > 0) {
            LOG.info("The certificate in {} has changed: new connections get it.", directory);
        }
        certificate = newCertificate;
        key = newKey;
        return read;
    }

    private static void requireMatching(TlsKeyPair pair) throws GeneralSecurityException {
        PublicKey certified = pair.certificateChain().getFirst().getPublicKey();
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm();
        };
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.privateKey());
        byte[] signature = signer.sign();
        signer.initVerify(certified);
        if (!signer.verify(signature)) {
            throw new GeneralSecurityException("the key of another certificate");
        }
    }

    private byte[] bytes(String name) throws IOException {
        Path file = directory.resolve(name);
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("%s: expected at most %d bytes".formatted(file, MOST_BYTES));
        }
        return Files.readAllBytes(file);
    }
}
