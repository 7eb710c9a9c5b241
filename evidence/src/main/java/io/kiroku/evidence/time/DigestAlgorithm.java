package io.kiroku.evidence.time;

import io.kiroku.evidence.record.Octets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/** The digests that timestamps may be made with: SHA-2 (FIPS 180-4) and SHA-3 (FIPS 202), nothing below 128 bits of strength. */
public enum DigestAlgorithm {
    SHA_256("SHA-256", 32, "2.16.840.1.101.3.4.2.1"),
    SHA_384("SHA-384", 48, "2.16.840.1.101.3.4.2.2"),
    SHA_512("SHA-512", 64, "2.16.840.1.101.3.4.2.3"),
    SHA3_256("SHA3-256", 32, "2.16.840.1.101.3.4.2.8"),
    SHA3_384("SHA3-384", 48, "2.16.840.1.101.3.4.2.9"),
    SHA3_512("SHA3-512", 64, "2.16.840.1.101.3.4.2.10");

    private final String title;
    private final int length;
    private final String oid;

    DigestAlgorithm(String title, int length, String oid) {
        this.title = title;
        this.length = length;
        this.oid = oid;
    }

    static @Nullable DigestAlgorithm of(AlgorithmIdentifier identifier) {
        ASN1Encodable parameters = identifier.getParameters();
        if (parameters != null && !DERNull.INSTANCE.equals(parameters)) {
            return null;
        }
        return of(identifier.getAlgorithm());
    }

    static @Nullable DigestAlgorithm of(ASN1ObjectIdentifier oid) {
        for (DigestAlgorithm digest : values()) {
            if (digest.oid.equals(oid.getId())) {
                return digest;
            }
        }
        return null;
    }

    /** Bytes of a digest. */
    public int length() {
        return length;
    }

    /** The digest of the parts, one behind the other. */
    public Octets of(byte[]... parts) {
        MessageDigest digest = begin();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return Octets.of(digest.digest());
    }

    /** A new computation, for data that come piece by piece. */
    public MessageDigest begin() {
        try {
            return MessageDigest.getInstance(title);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java has no " + title, absent);
        }
    }

    /** Without parameters, as RFC 5754, section 2, wants it written. */
    AlgorithmIdentifier identifier() {
        return new AlgorithmIdentifier(new ASN1ObjectIdentifier(oid));
    }

    /** The name as people write it: {@code SHA-256}. */
    @Override
    public String toString() {
        return title;
    }
}
