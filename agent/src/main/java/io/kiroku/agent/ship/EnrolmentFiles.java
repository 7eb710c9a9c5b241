package io.kiroku.agent.ship;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.CertificateRequests;
import io.kiroku.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The directory in which an agent keeps what its enrolment gave it: {@code tls.key}, made here and never sent, the request for it,
 * which is sent again and again, and once it is answered {@code ca.crt} and {@code tls.crt}. All are for their owner alone.
 */
final class EnrolmentFiles {
    private static final String KEY = "tls.key";
    private static final String REQUEST = "request.der";
    private static final String CERTIFICATE = "tls.crt";
    private static final String AUTHORITIES = "ca.crt";

    private final Path directory;

    EnrolmentFiles(Path directory) {
        this.directory = directory;
    }

    /** The certificate, if there is one. */
    Optional<X509Certificate> certificate() throws IOException {
        Path file = directory.resolve(CERTIFICATE);
        return Files.exists(file)
                ? Optional.of(Pem.certificates(file.toString(), Files.readAllBytes(file))
                        .getFirst())
                : Optional.empty();
    }

    /** The request for the agent's key; both are made if they are missing. */
    Octets request(SecureRandom random) throws IOException {
        Path file = directory.resolve(REQUEST);
        if (!Files.exists(file)) {
            Durable.createDirectories(directory);
            KeyPair key = CertificateAuthority.newKey(random);
            Durable.overwrite(directory.resolve(KEY), Pem.of(key.getPrivate()));
            Durable.overwrite(file, CertificateRequests.make(key));
        }
        byte[] request = Files.readAllBytes(file);
        // It is checked as the collector does: what is damaged here would only be refused there.
        requestedKey(file, request);
        return Octets.of(request);
    }

    private static PublicKey requestedKey(Path file, byte[] request) throws IOException {
        try {
            return CertificateRequests.keyOf(request);
        } catch (IOException damaged) {
            throw new IOException("%s: %s".formatted(file, damaged.getMessage()), damaged);
        }
    }

    /**
     * Takes a collector's answer.
     *
     * @param told the authorities that the agent was told to believe; empty if it believes those that the collector names
     * @throws IOException with one sentence if it is no certificate of the agent's key
     */
    void take(Frame.Certificate answer, List<X509Certificate> told) throws IOException {
        X509Certificate own = Pem.certificate(answer.certificate().toArray());
        Path request = directory.resolve(REQUEST);
        if (!own.getPublicKey().equals(requestedKey(request, Files.readAllBytes(request)))) {
            throw new IOException("expected a certificate for the agent's key, found one for another key");
        }
        List<X509Certificate> authorities = new ArrayList<>(told);
        if (told.isEmpty()) {
            for (Octets authority : answer.authorities()) {
                authorities.add(Pem.certificate(authority.toArray()));
            }
        }
        believe(authorities);
        Durable.overwrite(directory.resolve(CERTIFICATE), Pem.of(List.of(own)));
    }

    /** From now on the collector's certificate is to be of one of these. */
    void believe(List<X509Certificate> authorities) throws IOException {
        Path file = directory.resolve(AUTHORITIES);
        byte[] pem = Pem.of(authorities);
        if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), pem)) {
            Durable.overwrite(file, pem);
        }
    }
}
