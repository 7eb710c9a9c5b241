package io.kiroku.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Requests for certificates (PKCS #10, RFC 2986): a public key, and a signature that shows who has its private half. */
public final class CertificateRequests {
    /** Of a request, in bytes. */
    public static final int MOST_BYTES = 8 << 10;

    private CertificateRequests() {}

    /** A request for that key, in DER. What it is to be issued to is the authority's to say, so it names nothing. */
    public static byte[] make(KeyPair key) throws IOException {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), key.getPublic())
                    .build(new JcaContentSignerBuilder(CertificateAuthority.SIGNATURE).build(key.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException unusable) {
            throw new IOException("the key cannot sign: " + unusable.getMessage(), unusable);
        }
    }

    /**
     * The public key of a request that anybody may have sent.
     *
     * @param der the request
     * @throws IOException with one sentence if it is longer than {@link #MOST_BYTES}, damaged, of another kind of key than EC on
     *     P-256, or not signed by that key
     */
    public static PublicKey keyOf(byte[] der) throws IOException {
        if (der.length > MOST_BYTES) {
            throw new IOException("expected a request for a certificate of at most %d bytes, found %d"
                    .formatted(MOST_BYTES, der.length));
        }
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
            requireKind(request.getSubjectPublicKeyInfo());
            if (!request.getSignatureAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
                throw new IOException("expected a request signed by ECDSA with SHA-256, found "
                        + request.getSignatureAlgorithm().getAlgorithm());
            }
            PublicKey key = request.getPublicKey();
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IOException(
                        "expected a request that its key has signed, found a signature that does not hold");
            }
            return key;
        } catch (GeneralSecurityException | OperatorCreationException | PKCSException | RuntimeException damaged) {
            // Bouncy Castle's parsers of ASN.1 throw all of them.
            throw new IOException("expected a request for a certificate (PKCS #10), found that it is damaged", damaged);
        }
    }

    private static void requireKind(SubjectPublicKeyInfo info) throws IOException {
        AlgorithmIdentifier kind = info.getAlgorithm();
        if (!kind.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                || !X9ObjectIdentifiers.prime256v1.equals(kind.getParameters())) {
            throw new IOException(
                    "expected a key of EC on P-256 in the request, found one of kind " + kind.getAlgorithm());
        }
    }
}
