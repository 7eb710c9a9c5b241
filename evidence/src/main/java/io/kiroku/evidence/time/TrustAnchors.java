package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** The certificates that whoever verifies has chosen to trust: whatever they issued for timestamps may sign tokens. */
public final class TrustAnchors {
    /** Bytes of a PEM file at most. */
    public static final int MOST_BYTES = 1 << 20;

    private static final Pattern PEM = Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----");

    private final Set<X509Certificate> certificates;

    private TrustAnchors(Collection<X509Certificate> certificates) {
        this.certificates = Set.copyOf(certificates);
    }

    /**
     * Trusts these and no others.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static TrustAnchors of(Collection<X509Certificate> certificates) {
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("expected one certificate or more to trust, found none");
        }
        return new TrustAnchors(certificates);
    }

    /**
     * Reads certificates in PEM (RFC 7468), with any text between them.
     *
     * @param pem at most {@link #MOST_BYTES}
     * @throws MalformedException if there is no certificate in it, or one that is damaged
     */
    public static List<X509Certificate> parsePem(byte[] pem) throws MalformedException {
        if (pem.length > MOST_BYTES) {
            throw new MalformedException(
                    "expected certificates of at most %d bytes in PEM, found %d".formatted(MOST_BYTES, pem.length));
        }
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = PEM.matcher(new String(pem, StandardCharsets.US_ASCII));
        while (block.find()) {
            try {
                byte[] der = Base64.getMimeDecoder().decode(block.group(1));
                Der.check(der, MOST_BYTES, "a certificate");
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException | IllegalArgumentException damaged) {
                throw new MalformedException("expected a certificate in PEM as number %d, found %s"
                        .formatted(certificates.size() + 1, PrintableText.brief(damaged)));
            }
        }
        if (certificates.isEmpty()) {
            throw new MalformedException("expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none");
        }
        return certificates;
    }

    /**
     * Why a certificate was not to be trusted at a time; null if it was: a chain leads to one of these anchors (RFC 5280,
     * section 6, by the JDK's own validator), and everything in it was valid then. No revocation is looked at.
     *
     * @param others which may be part of the chain
     */
    @Nullable
    String refusal(X509Certificate certificate, List<X509Certificate> others, Instant at) {
        try {
            Date date = Date.from(at);
            certificate.checkValidity(date);
            if (certificates.contains(certificate)) {
                return null;
            }
            List<X509Certificate> valid = new ArrayList<>(certificates);
            valid.removeIf(trusted -> !isValid(trusted, at));
            List<X509Certificate> chain = chain(certificate, others, valid, at);
            Set<TrustAnchor> anchors = new HashSet<>();
            valid.forEach(trusted -> anchors.add(new TrustAnchor(trusted, null)));
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setDate(date);
            parameters.setRevocationEnabled(false);
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return null;
        } catch (GeneralSecurityException | IllegalArgumentException untrusted) {
            return "expected a certificate that a trusted one had issued and that was valid at %s, found %s of %s"
                    .formatted(
                            at,
                            PrintableText.brief(untrusted),
                            PrintableText.brief(
                                    certificate.getSubjectX500Principal().getName()));
        }
    }

    /**
     * The shortest way from a certificate to one that a trusted one issued. Each of the others is put in at most one place:
     * with 16 certificates that an enemy has made, a search through all ways takes hours.
     */
    private static List<X509Certificate> chain(
            X509Certificate certificate, List<X509Certificate> others, List<X509Certificate> anchors, Instant at)
            throws CertificateException {
        Deque<List<X509Certificate>> ways = new ArrayDeque<>(List.of(List.of(certificate)));
        List<X509Certificate> left = new ArrayList<>(others);
        left.removeIf(other -> !isValid(other, at) || !isTaken(other));
        while (!ways.isEmpty()) {
            List<X509Certificate> way = ways.remove();
            X509Certificate last = way.getLast();
            if (anchors.stream().anyMatch(trusted -> hasIssued(trusted, last))) {
                return way;
            }
            for (X509Certificate other : List.copyOf(left)) {
                if (hasIssued(other, last)) {
                    left.remove(other);
                    List<X509Certificate> longer = new ArrayList<>(way);
                    longer.add(other);
                    ways.add(longer);
                }
            }
        }
        throw new CertificateException("no chain to a trusted one");
    }

    private static boolean isValid(X509Certificate certificate, Instant at) {
        return !at.isBefore(certificate.getNotBefore().toInstant())
                && !at.isAfter(certificate.getNotAfter().toInstant());
    }

    private static boolean isTaken(X509Certificate certificate) {
        try {
            byte[] key = certificate.getPublicKey().getEncoded();
            return PublicKeys.refusal(SubjectPublicKeyInfo.getInstance(key)) == null;
        } catch (IOException | RuntimeException damaged) {
            return false;
        }
    }

    private static boolean hasIssued(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException otherKey) {
            return false;
        }
    }
}
