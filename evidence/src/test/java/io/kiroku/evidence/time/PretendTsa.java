package io.kiroku.evidence.time;

import io.kiroku.evidence.record.Octets;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.asn1.tsp.MessageImprint;
import org.bouncycastle.asn1.tsp.TSTInfo;
import org.bouncycastle.asn1.tsp.TimeStampReq;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** A timestamping authority of our own making, at any time, which errs as it is told. */
final class PretendTsa {
    private final KeyPair rootKey = newKey("EC");
    private final X509Certificate root;
    private final KeyPair key;
    private final X509CertificateHolder certificate;
    private String signatureAlgorithm = "SHA256withECDSA";
    private boolean namesAnotherCertificate;
    private boolean leavesOutCertificate;
    private int serial;

    /** How a certificate is made. */
    record Form(Instant from, Instant to, boolean critical, List<KeyPurposeId> purposes) {
        Form(Instant from, Instant to) {
            this(from, to, true, List.of(KeyPurposeId.id_kp_timeStamping));
        }
    }

    PretendTsa(String name, Form form) throws Exception {
        this(name, form, "EC");
    }

    PretendTsa(String name, Form form, String keyAlgorithm) throws Exception {
        key = newKey(keyAlgorithm);
        X500Name issuer = new X500Name("CN=Root of " + name);
        JcaX509v3CertificateBuilder authority = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.ONE,
                Date.from(Instant.parse("2000-01-01T00:00:00Z")),
                Date.from(Instant.parse("2099-01-01T00:00:00Z")),
                issuer,
                rootKey.getPublic());
        authority.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        root = new JcaX509CertificateConverter()
                .getCertificate(
                        authority.build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate())));
        JcaX509v3CertificateBuilder signer = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.TWO,
                Date.from(form.from()),
                Date.from(form.to()),
                new X500Name("CN=" + name),
                key.getPublic());
        if (!form.purposes().isEmpty()) {
            signer.addExtension(
                    Extension.extendedKeyUsage,
                    form.critical(),
                    new ExtendedKeyUsage(form.purposes().toArray(KeyPurposeId[]::new)));
        }
        certificate = signer.build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate()));
    }

    /** One whose certificate is valid from 2020 to 2030. */
    static PretendTsa ofTheTwenties() throws Exception {
        return new PretendTsa(
                "Twenties", new Form(Instant.parse("2020-01-01T00:00:00Z"), Instant.parse("2030-01-01T00:00:00Z")));
    }

    private static KeyPair newKey(String algorithm) throws Exception {
        boolean isWeak = "RSA1024".equals(algorithm);
        KeyPairGenerator generator = KeyPairGenerator.getInstance(isWeak ? "RSA" : algorithm, TokenSigner.PROVIDER);
        if (isWeak) {
            generator.initialize(1024);
        }
        if ("EC".equals(algorithm)) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        return generator.generateKeyPair();
    }

    PretendTsa signingWith(String algorithm) {
        signatureAlgorithm = algorithm;
        return this;
    }

    PretendTsa namingAnotherCertificate() {
        namesAnotherCertificate = true;
        return this;
    }

    PretendTsa leavingOutItsCertificate() {
        leavesOutCertificate = true;
        return this;
    }

    TrustAnchors anchors() {
        return TrustAnchors.of(List.of(root));
    }

    X509Certificate root() {
        return root;
    }

    /** A token over that digest. */
    TimestampToken stamp(DigestAlgorithm digest, Octets imprint, Instant time) throws Exception {
        return TimestampToken.parse(token(digest, imprint, null, time).getEncoded(ASN1Encoding.DER));
    }

    /** A response to that request, granted. */
    byte[] reply(byte[] request, Instant time) throws Exception {
        TimeStampReq asked = TimeStampReq.getInstance(request);
        DigestAlgorithm digest = Objects.requireNonNull(
                DigestAlgorithm.of(asked.getMessageImprint().getHashAlgorithm()));
        ContentInfo token =
                token(digest, Octets.of(asked.getMessageImprint().getHashedMessage()), asked.getNonce(), time);
        return respond(PKIStatus.granted, token);
    }

    static byte[] respond(PKIStatus status, @Nullable ContentInfo token) throws Exception {
        return new TimeStampResp(new PKIStatusInfo(status), token).getEncoded(ASN1Encoding.DER);
    }

    ContentInfo token(DigestAlgorithm digest, Octets imprint, @Nullable ASN1Integer nonce, Instant time)
            throws Exception {
        String text = DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(time);
        TSTInfo info = new TSTInfo(
                new ASN1ObjectIdentifier("1.3.6.1.4.1.32473.2"),
                new MessageImprint(digest.identifier(), imprint.toArray()),
                new ASN1Integer(++serial),
                new ASN1GeneralizedTime(text + "Z"),
                new Accuracy(new ASN1Integer(2), null, null),
                null,
                nonce,
                null,
                null);
        byte[] named = DigestAlgorithm.SHA_256.of(certificate.getEncoded()).toArray();
        if (namesAnotherCertificate) {
            named[0] ^= 1;
        }
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(new Attribute(
                PKCSObjectIdentifiers.id_aa_signingCertificateV2,
                new DERSet(new SigningCertificateV2(new ESSCertIDv2(named)))));
        attributes.add(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(time)))));
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(
                        new JcaDigestCalculatorProviderBuilder().build())
                .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(new AttributeTable(attributes)))
                .build(
                        new JcaContentSignerBuilder(signatureAlgorithm)
                                .setProvider(TokenSigner.PROVIDER)
                                .build(key.getPrivate()),
                        certificate));
        if (!leavesOutCertificate) {
            generator.addCertificates(new JcaCertStore(List.of(certificate)));
        }
        return generator
                .generate(
                        new CMSProcessableByteArray(
                                PKCSObjectIdentifiers.id_ct_TSTInfo, info.getEncoded(ASN1Encoding.DER)),
                        true)
                .toASN1Structure();
    }

    static final Duration ACCURACY = Duration.ofSeconds(2);
}
