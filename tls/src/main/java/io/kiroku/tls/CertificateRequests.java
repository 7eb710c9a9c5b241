package io.kiroku.tls;

import java.io.IOException;
import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
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
        JcaPKCS10CertificationRequest request;
        PublicKey key;
        boolean holds;
        try {
            request = new JcaPKCS10CertificationRequest(der);
            requireKind(request);
            key = request.getPublicKey();
            holds = request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
        } catch (WrongKindException wrong) {
            throw wrong;
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | RuntimeException damaged) {
            // Bouncy Castle's parsers of ASN.1 throw all of them.
            throw new IOException("expected a request for a certificate (PKCS #10), found that it is damaged", damaged);
        }
        if (!holds) {
            throw new IOException("expected a request that its key has signed, found a signature that does not hold");
        }
        return key;
    }

    private static final class WrongKindException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        private WrongKindException(String sentence) {
            super(sentence);
        }
    }

    private static void requireKind(JcaPKCS10CertificationRequest request) throws WrongKindException {
        AlgorithmIdentifier kind = request.getSubjectPublicKeyInfo().getAlgorithm();
        if (!kind.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                || !X9ObjectIdentifiers.prime256v1.equals(kind.getParameters())) {
            throw new WrongKindException(
                    "expected a key of EC on P-256 in the request, found one of kind " + kind.getAlgorithm());
        }
        ASN1ObjectIdentifier signature = request.getSignatureAlgorithm().getAlgorithm();
        if (!signature.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
            throw new WrongKindException(
                    "expected a request signed by ECDSA with SHA-256, found one of kind " + signature);
        }
    }
}
