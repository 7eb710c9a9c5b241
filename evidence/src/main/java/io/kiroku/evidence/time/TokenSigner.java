package io.kiroku.evidence.time;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.ess.ESSCertID;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificate;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.IssuerSerial;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.util.Selector;
import org.jspecify.annotations.Nullable;

/** Who signed a token, and whether he did: what can be said without knowing whom to trust. */
sealed interface TokenSigner {
    /**
     * The signature is by this certificate's key, the certificate is for timestamps and for nothing else, and the
     * signature covers which certificate it is.
     *
     * @param others that came with the token
     */
    record Sound(X509Certificate certificate, List<X509Certificate> others) implements TokenSigner {}

    /** The token proves nothing. */
    record Unsound(String sentence) implements TokenSigner {}

    /** The JDK's own lacks RSASSA-PSS under the name that CMS has for it. Not registered: nobody else gets it. */
    Provider PROVIDER = new BouncyCastleProvider();

    /** Certificates of a token at most. */
    int MOST_CERTIFICATES = 16;

    /** Bouncy Castle throws whatever it stumbles over: all of it means that the signature does not hold. */
    static TokenSigner find(CMSSignedData signed, SignerInformation signer) {
        try {
            return check(signed, signer);
        } catch (CMSException
                | OperatorCreationException
                | IOException
                | CertificateException
                | RuntimeException failure) {
            return new Unsound(
                    "expected a signature that holds in a timestamp token, found " + PrintableText.brief(failure));
        }
    }

    private static TokenSigner check(CMSSignedData signed, SignerInformation signer)
            throws CMSException, OperatorCreationException, IOException, CertificateException {
        Collection<X509CertificateHolder> held = signed.getCertificates().getMatches(null);
        if (held.size() > MOST_CERTIFICATES) {
            return new Unsound("expected at most %d certificates in a timestamp token, found %d"
                    .formatted(MOST_CERTIFICATES, held.size()));
        }
        @SuppressWarnings("unchecked")
        Selector<X509CertificateHolder> bySignerId = signer.getSID();
        Collection<X509CertificateHolder> matching = signed.getCertificates().getMatches(bySignerId);
        if (matching.isEmpty()) {
            return new Unsound(
                    "expected the certificate of the signer in a timestamp token, found none that its id names");
        }
        X509CertificateHolder certificate = matching.iterator().next();
        String unsound = PublicKeys.refusal(certificate.getSubjectPublicKeyInfo());
        if (unsound == null) {
            unsound = purpose(certificate);
        }
        if (unsound == null) {
            unsound = identity(certificate, signer.getSignedAttributes());
        }
        if (unsound == null) {
            unsound = signature(certificate, signer);
        }
        if (unsound != null) {
            return new Unsound(unsound);
        }
        return new Sound(parse(certificate), parseAll(held));
    }

    /** RFC 3161, section 2.3: one key purpose, timestamping, and critical. */
    private static @Nullable String purpose(X509CertificateHolder certificate) {
        Extension extension = certificate.getExtension(Extension.extendedKeyUsage);
        if (extension == null) {
            return "expected a certificate for timestamps, found one without extended key usage";
        }
        KeyPurposeId[] purposes =
                ExtendedKeyUsage.getInstance(extension.getParsedValue()).getUsages();
        if (purposes.length != 1 || !KeyPurposeId.id_kp_timeStamping.equals(purposes[0])) {
            return "expected a certificate for timestamps alone, found one for "
                    + PrintableText.brief(Arrays.toString(purposes));
        }
        return extension.isCritical()
                ? null
                : "expected a critical extended key usage in a timestamp's certificate, found one that is not";
    }

    /**
     * The signed attributes name the certificate by its digest, so that no other certificate of the same key can take its
     * place (RFC 2634, section 5.4; RFC 5035): all such attributes have to name this one.
     */
    private static @Nullable String identity(X509CertificateHolder certificate, @Nullable AttributeTable attributes)
            throws IOException {
        if (attributes == null) {
            return "expected signed attributes in a timestamp token, found none";
        }
        int named = 0;
        ASN1EncodableVector first = attributes.getAll(PKCSObjectIdentifiers.id_aa_signingCertificate);
        for (int i = 0; i < first.size(); i++) {
            ESSCertID id = SigningCertificate.getInstance(
                            Attribute.getInstance(first.get(i)).getAttrValues().getObjectAt(0))
                    .getCerts()[0];
            if (!names("SHA-1", id.getCertHash(), id.getIssuerSerial(), certificate)) {
                return otherCertificate();
            }
            named++;
        }
        ASN1EncodableVector second = attributes.getAll(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
        for (int i = 0; i < second.size(); i++) {
            ESSCertIDv2 id = SigningCertificateV2.getInstance(
                            Attribute.getInstance(second.get(i)).getAttrValues().getObjectAt(0))
                    .getCerts()[0];
            DigestAlgorithm digest = DigestAlgorithm.of(id.getHashAlgorithm());
            if (digest == null || !names(digest.toString(), id.getCertHash(), id.getIssuerSerial(), certificate)) {
                return otherCertificate();
            }
            named++;
        }
        return named > 0 ? null : "expected an attribute that names the certificate in a timestamp token, found none";
    }

    private static String otherCertificate() {
        return "expected the certificate that the signed attributes of a timestamp token name, found another";
    }

    private static boolean names(
            String digest, byte[] hash, @Nullable IssuerSerial issuer, X509CertificateHolder certificate)
            throws IOException {
        byte[] actual;
        try {
            actual = MessageDigest.getInstance(digest).digest(certificate.getEncoded());
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java has no " + digest, absent);
        }
        return MessageDigest.isEqual(hash, actual) && (issuer == null || isIssued(issuer, certificate));
    }

    private static boolean isIssued(IssuerSerial issuer, X509CertificateHolder certificate) {
        if (!issuer.getSerial().getValue().equals(certificate.getSerialNumber())) {
            return false;
        }
        for (GeneralName name : issuer.getIssuer().getNames()) {
            if (name.getTagNo() == GeneralName.directoryName
                    && X500Name.getInstance(name.getName()).equals(certificate.getIssuer())) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String signature(X509CertificateHolder certificate, SignerInformation signer)
            throws CMSException, OperatorCreationException, IOException {
        if (DigestAlgorithm.of(signer.getDigestAlgorithmID()) == null) {
            return "expected a signature over a digest by one of %s in a timestamp token, found %s"
                    .formatted(Arrays.toString(DigestAlgorithm.values()), signer.getDigestAlgOID());
        }
        String algorithm = new DefaultCMSSignatureAlgorithmNameGenerator()
                .getSignatureName(
                        signer.getDigestAlgorithmID(), signer.toASN1Structure().getDigestEncryptionAlgorithm())
                .toUpperCase(Locale.ROOT);
        if (algorithm.contains("SHA1") || algorithm.contains("MD")) {
            return "expected a signature by an algorithm that is not broken in a timestamp token, found " + algorithm;
        }
        // By the key alone: whether the certificate was valid is asked for the time that the token states.
        PublicKey key =
                new JcaPEMKeyConverter().setProvider(PROVIDER).getPublicKey(certificate.getSubjectPublicKeyInfo());
        return signer.verify(new JcaSimpleSignerInfoVerifierBuilder()
                        .setProvider(PROVIDER)
                        .build(key))
                ? null
                : "expected a signature of %s in a timestamp token, found one that does not hold"
                        .formatted(PrintableText.brief(certificate.getSubject().toString()));
    }

    private static X509Certificate parse(X509CertificateHolder certificate) throws CertificateException, IOException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.getEncoded()));
    }

    /** Without those that the JDK cannot read: they cannot be part of a chain that it checks. */
    private static List<X509Certificate> parseAll(Collection<X509CertificateHolder> held) throws IOException {
        List<X509Certificate> parsed = new ArrayList<>();
        for (X509CertificateHolder certificate : held) {
            try {
                parsed.add(parse(certificate));
            } catch (CertificateException unreadable) {
                // Left out.
            }
        }
        return parsed;
    }
}
