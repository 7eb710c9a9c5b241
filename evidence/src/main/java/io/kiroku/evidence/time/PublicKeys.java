package io.kiroku.evidence.time;

import java.io.IOException;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a token's certificates are taken: those that are strong, and that take no more time than one would wait. Their
 * numbers are an enemy's to choose.
 */
final class PublicKeys {
    private static final int LEAST_RSA_BITS = 2048;
    private static final int MOST_RSA_BITS = 8192;

    /** Those without parameters that anybody could choose. */
    private static final Set<ASN1ObjectIdentifier> FIXED = Set.of(
            EdECObjectIdentifiers.id_Ed25519,
            NISTObjectIdentifiers.id_ml_dsa_44,
            NISTObjectIdentifiers.id_ml_dsa_65,
            NISTObjectIdentifiers.id_ml_dsa_87);

    private PublicKeys() {}

    /** Why a key is not taken; null if it is. */
    static @Nullable String refusal(SubjectPublicKeyInfo info) throws IOException {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        boolean isTaken = FIXED.contains(algorithm);
        if (PKCSObjectIdentifiers.rsaEncryption.equals(algorithm)
                || PKCSObjectIdentifiers.id_RSASSA_PSS.equals(algorithm)) {
            RSAPublicKey key = RSAPublicKey.getInstance(info.parsePublicKey());
            int bits = key.getModulus().bitLength();
            isTaken = bits >= LEAST_RSA_BITS
                    && bits <= MOST_RSA_BITS
                    && key.getPublicExponent().bitLength() <= Long.SIZE;
        } else if (X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm)) {
            isTaken = info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier;
        }
        return isTaken
                ? null
                : "expected a key for RSA (%d to %d bits), ECDSA on a named curve, Ed25519 or ML-DSA, found %s"
                        .formatted(LEAST_RSA_BITS, MOST_RSA_BITS, algorithm);
    }
}
