package io.kiroku.collector.enrol;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.Pem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/**
 * A collector's own authority in its data: {@code ca.key} with the key and the certificate, so that both come to be in one
 * step, and {@code ca.crt} with the certificate alone, to be handed on.
 */
public final class AuthorityFiles {
    private static final String KEY = "ca.key";
    private static final String CERTIFICATE = "ca.crt";

    private AuthorityFiles() {}

    /**
     * The authority of that data; it is made if there is none.
     *
     * @throws IOException with one sentence if its files are damaged or cannot be written
     */
    public static CertificateAuthority in(Path data, SecureRandom random, InstantSource clock) throws IOException {
        Path file = data.resolve(KEY);
        if (!Files.exists(file)) {
            make(file, random, clock);
        }
        byte[] pem = Files.readAllBytes(file);
        X509Certificate certificate = Pem.certificates(file.toString(), pem).getFirst();
        Path shown = data.resolve(CERTIFICATE);
        byte[] text = Pem.of(List.of(certificate));
        try {
            Durable.createIdempotent(shown, text);
        } catch (FileAlreadyExistsException other) {
            throw new IOException("expected the certificate of %s in %s, found another".formatted(file, shown), other);
        }
        return new CertificateAuthority(Pem.privateKey(file.toString(), pem), certificate);
    }

    private static void make(Path file, SecureRandom random, InstantSource clock) throws IOException {
        KeyPair key = CertificateAuthority.newKey(random);
        CertificateAuthority made = CertificateAuthority.of(key, "kiroku authority", clock.instant());
        try {
            Durable.create(file, concat(Pem.of(made.key()), Pem.of(List.of(made.certificate()))));
        } catch (FileAlreadyExistsException raced) {
            // A command beside the collector was quicker; its authority is the one that is read.
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
