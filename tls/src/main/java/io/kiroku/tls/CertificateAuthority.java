package io.kiroku.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority that issues certificates (RFC 5280) to nodes and to a collector: its key and its own certificate. Files are
 * somebody else's business. Used by any thread.
 *
 * @param key EC on P-256
 * @param certificate that of the authority itself
 */
public record CertificateAuthority(PrivateKey key, X509Certificate certificate) {
    static final String SIGNATURE = "SHA256withECDSA";

    /** How long an authority is valid. */
    public static final Duration OWN_LIFE = Duration.ofDays(3650);

    private static final int SERIAL_BITS = 127;

    /** A certificate is valid from a hundredth of its life before now: clocks differ. */
    private static final int EARLIER = 100;

    /** A common name may have 64 characters (RFC 5280, appendix A.1); the whole of a longer one is in the URI. */
    private static final int MOST_COMMON_NAME = 64;

    /** What a certificate is for. */
    private enum Use {
        AUTHORITY,
        NODE,
        COLLECTOR
    }

    /** A new key, EC on P-256. */
    public static KeyPair newKey(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The certificate of a new authority, signed by itself. */
    public static CertificateAuthority of(KeyPair key, String name, Instant now) throws IOException {
        X500Name subject = commonName(name);
        return new CertificateAuthority(
                key.getPrivate(),
                issue(
                        key.getPrivate(),
                        subject,
                        subject,
                        key.getPublic(),
                        new GeneralNames(new GeneralName[0]),
                        Use.AUTHORITY,
                        now,
                        OWN_LIFE));
    }

    /**
     * Issues a certificate to a node: its subject is the node's name, its other name {@code kiroku://node/NAME}, percent-encoded.
     *
     * @param life until it expires, from now
     */
    public X509Certificate toNode(String node, PublicKey owner, Instant now, Duration life) throws IOException {
        String uri = "kiroku://node/"
                + URLEncoder.encode(node, StandardCharsets.UTF_8).replace("+", "%20");
        return issue(
                key,
                issuer(),
                commonName(node),
                owner,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)),
                Use.NODE,
                now,
                life);
    }

    /**
     * Issues a certificate to a collector.
     *
     * @param hosts names and addresses that it is reached by, at least one
     * @throws IOException with one sentence if one of them is neither
     */
    public X509Certificate toCollector(List<String> hosts, PublicKey owner, Instant now, Duration life)
            throws IOException {
        GeneralName[] names = new GeneralName[hosts.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = host(hosts.get(i));
        }
        return issue(
                key,
                issuer(),
                commonName("kiroku collector"),
                owner,
                new GeneralNames(names),
                Use.COLLECTOR,
                now,
                life);
    }

    private static GeneralName host(String host) throws IOException {
        boolean isAddress = host.contains(":") || host.matches("[\\d.]+");
        if (!isAddress && !host.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")) {
            throw new IOException("expected a host's name or address, found \"%s\"".formatted(host));
        }
        try {
            return new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, host);
        } catch (IllegalArgumentException malformed) {
            throw new IOException("expected a host's name or address, found \"%s\"".formatted(host), malformed);
        }
    }

    private X500Name issuer() {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private static X500Name commonName(String name) {
        int end = name.offsetByCodePoints(0, Math.min(MOST_COMMON_NAME, name.codePointCount(0, name.length())));
        return new X500NameBuilder().addRDN(BCStyle.CN, name.substring(0, end)).build();
    }

    private static X509Certificate issue(
            PrivateKey signer,
            X500Name issuer,
            X500Name subject,
            PublicKey owner,
            GeneralNames names,
            Use use,
            Instant now,
            Duration life)
            throws IOException {
        Instant from = now.minus(life.dividedBy(EARLIER)).truncatedTo(ChronoUnit.SECONDS);
        Instant to = now.plus(life).truncatedTo(ChronoUnit.SECONDS);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                Date.from(from),
                Date.from(to),
                subject,
                owner);
        try {
            if (use == Use.AUTHORITY) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            } else {
                KeyPurposeId purpose = use == Use.NODE ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                        .addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer)));
        } catch (CertIOException | GeneralSecurityException | OperatorCreationException unusable) {
            throw new IOException("a certificate cannot be issued: " + unusable.getMessage(), unusable);
        }
    }
}
