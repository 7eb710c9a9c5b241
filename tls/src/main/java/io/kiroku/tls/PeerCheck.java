package io.kiroku.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whether the other side's certificate is to be believed: the JDK checks the path (RFC 5280), what the certificate is for and
 * the host's name (RFC 9525); revoked is what a list in the directory names. Why not is said in one sentence.
 */
final class PeerCheck extends HostTrust {
    private static final String PKIX = "PKIX";

    /** BoringSSL's numbers (x509.h), by which it chooses the alert that the other side is sent. */
    private static final int UNKNOWN_ISSUER = 20;

    private static final int REVOKED = 23;
    private static final int REJECTED = 28;

    private final X509ExtendedTrustManager paths;
    private final List<X509CRL> revocations;
    private final InstantSource clock;

    PeerCheck(List<X509Certificate> authorities, List<X509CRL> revocations, InstantSource clock) throws IOException {
        this.paths = paths(authorities);
        this.revocations = revocations;
        this.clock = clock;
    }

    private static X509ExtendedTrustManager paths(List<X509Certificate> authorities) throws IOException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                anchors.setCertificateEntry(Integer.toString(i), authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(PKIX);
            factory.init(anchors);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
            throw new IOException("this Java has no trust manager of kind " + PKIX);
        } catch (GeneralSecurityException unusable) {
            throw new IOException("the authorities cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, () -> paths.checkClientTrusted(chain, authType, engine), "");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, () -> paths.checkServerTrusted(chain, authType, engine), String.valueOf(engine.getPeerHost()));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, () -> paths.checkClientTrusted(chain, authType), "");
    }

    private interface Path {
        void check() throws CertificateException;
    }

    private void check(X509Certificate[] chain, Path path, String host) throws CertificateException {
        for (X509Certificate certificate : chain) {
            requireValid(certificate);
            requireNotRevoked(certificate);
        }
        try {
            path.check();
        } catch (CertificateException refused) {
            throw explained(chain[0], refused, host);
        }
    }

    private void requireValid(X509Certificate certificate) throws CertificateException {
        Instant now = clock.instant();
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isAfter(to)) {
            throw new CertificateExpiredException(
                    "the certificate of %s expired at %s, it is %s now".formatted(Peers.name(certificate), to, now));
        }
        if (now.isBefore(from)) {
            throw new CertificateNotYetValidException("the certificate of %s is not valid before %s, it is %s now"
                    .formatted(Peers.name(certificate), from, now));
        }
    }

    private void requireNotRevoked(X509Certificate certificate) throws CertificateException {
        for (X509CRL list : revocations) {
            if (list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                    && list.isRevoked(certificate)) {
                Date since = list.getRevokedCertificate(certificate).getRevocationDate();
                throw new OpenSslCertificateException(
                        "the certificate of %s with serial number %x was revoked at %s"
                                .formatted(Peers.name(certificate), certificate.getSerialNumber(), since.toInstant()),
                        REVOKED);
            }
        }
    }

    /** The JDK says it in words for programmers; it does not say in a type that the name is wrong. */
    private static CertificateException explained(X509Certificate leaf, CertificateException refused, String host) {
        String message = String.valueOf(refused.getMessage());
        if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
            return new OpenSslCertificateException(
                    "expected a certificate for %s, found one for %s".formatted(host, Peers.hosts(leaf)), REJECTED);
        }
        if (message.contains("unable to find valid certification path")) {
            return new OpenSslCertificateException(
                    "the certificate of %s was issued by %s, which no authority in ca.crt vouches for"
                            .formatted(
                                    Peers.name(leaf),
                                    leaf.getIssuerX500Principal().getName()),
                    UNKNOWN_ISSUER);
        }
        return new OpenSslCertificateException(
                "the certificate of %s does not hold: %s".formatted(Peers.name(leaf), message), REJECTED);
    }
}
