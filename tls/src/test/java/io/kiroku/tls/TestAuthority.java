package io.kiroku.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** An authority that issues certificates to tests, and writes directories as cert-manager and the kubelet do. */
public final class TestAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SIGNATURE = "SHA256withECDSA";

    private final KeyPair key = keyPair();
    private final X500Name name;
    private final X509Certificate certificate;
    private final List<BigInteger> revoked = new ArrayList<>();

    /** @param name of the authority */
    public TestAuthority(String name) {
        this.name = new X500Name("CN=" + name);
        Instant now = Instant.now();
        this.certificate = build(
                this.name,
                key,
                now.minus(Duration.ofDays(1)),
                now.plus(Duration.ofDays(365)),
                List.of(),
                new BasicConstraints(true));
    }

    /** A certificate and its key. */
    public record Issued(KeyPair key, X509Certificate certificate) {}

    public X509Certificate certificate() {
        return certificate;
    }

    /** Issues a certificate that is valid from an hour ago for a day. */
    public Issued issue(String subject, String... hosts) {
        Instant now = Instant.now();
        return issue(subject, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(23)), hosts);
    }

    /**
     * Issues a certificate.
     *
     * @param hosts DNS names or IPv4 addresses
     */
    public Issued issue(String subject, Instant from, Instant to, String... hosts) {
        KeyPair owner = keyPair();
        return new Issued(
                owner,
                build(new X500Name("CN=" + subject), owner, from, to, List.of(hosts), new BasicConstraints(false)));
    }

    /** Names a certificate in the lists that are written from now on. */
    public void revoke(Issued issued) {
        revoked.add(issued.certificate().getSerialNumber());
    }

    private X509Certificate build(
            X500Name subject,
            KeyPair owner,
            Instant from,
            Instant to,
            List<String> hosts,
            BasicConstraints constraints) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(120, RANDOM).add(BigInteger.ONE),
                    Date.from(from),
                    Date.from(to),
                    subject,
                    owner.getPublic());
            builder.addExtension(Extension.basicConstraints, true, constraints);
            if (constraints.isCA()) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            } else {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth
                }));
            }
            if (!hosts.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(hosts.stream()
                                .map(host -> new GeneralName(
                                        host.matches("[\\d.]+") ? GeneralName.iPAddress : GeneralName.dNSName, host))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Writes {@code tls.crt}, {@code tls.key} and {@code ca.crt}, one after the other, over what is there. */
    public Path write(Path directory, Issued issued) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("tls.crt"), pem(issued.certificate()));
        Files.writeString(directory.resolve("tls.key"), pem(issued.key().getPrivate()));
        Files.writeString(directory.resolve("ca.crt"), pem(certificate));
        return directory;
    }

    /** Writes the same as the kubelet mounts it: in a directory of its own, which {@code ..data} leads to in one step. */
    public Path mount(Path directory, Issued issued) throws IOException {
        Files.createDirectories(directory);
        Path dated = Files.createTempDirectory(directory, "..2026_");
        write(dated, issued);
        Path link = directory.resolve("..data_tmp");
        Files.createSymbolicLink(link, dated.getFileName());
        Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
            if (!Files.exists(directory.resolve(file))) {
                Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
            }
        }
        return directory;
    }

    /** Writes {@code crl.pem}. */
    public void writeRevocations(Path directory) throws IOException {
        try {
            Instant now = Instant.now();
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate, Date.from(now));
            builder.setNextUpdate(Date.from(now.plus(Duration.ofDays(1))));
            revoked.forEach(serial -> builder.addCRLEntry(serial, Date.from(now), CRLReason.keyCompromise));
            Files.writeString(
                    directory.resolve("crl.pem"),
                    pem(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key.getPrivate()))),
                    StandardCharsets.US_ASCII);
        } catch (OperatorCreationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** An object in PEM; a private key of a curve in the form that OpenSSL and cert-manager give it, SEC 1. */
    static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(
                    object instanceof ECPrivateKey key
                            ? new PemObject(
                                    "EC PRIVATE KEY",
                                    new org.bouncycastle.asn1.sec.ECPrivateKey(
                                                    256, key.getS(), SECObjectIdentifiers.secp256r1)
                                            .getEncoded())
                            : object);
        }
        return text.toString();
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
