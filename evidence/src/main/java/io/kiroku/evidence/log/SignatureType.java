package io.kiroku.evidence.log;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Octets;

/** What a key of a signed note signs, and how: the types of C2SP signed-note that are used here. */
public enum SignatureType {
    /** Ed25519 over the note's text. */
    ED25519(0x01, 32, 64, false),
    /** An Ed25519 cosignature over time and text (C2SP tlog-cosignature). */
    ED25519_COSIGNATURE(0x04, 32, 64, true),
    /** An ML-DSA-44 cosignature over time, origin, size and root (C2SP tlog-cosignature). */
    ML_DSA_44_COSIGNATURE(0x06, MlDsaKey.PUBLIC_LENGTH, MlDsaKey.SIGNATURE_LENGTH, true);

    private final int code;
    private final int keyLength;
    private final int signatureLength;
    private final boolean timestamped;

    SignatureType(int code, int keyLength, int signatureLength, boolean timestamped) {
        this.code = code;
        this.keyLength = keyLength;
        this.signatureLength = signatureLength;
        this.timestamped = timestamped;
    }

    /** The byte that identifies the type in key ids and verifier keys. */
    public int code() {
        return code;
    }

    /** Bytes of a public key. */
    public int keyLength() {
        return keyLength;
    }

    /** Bytes of a signature, without the time before it. */
    public int signatureLength() {
        return signatureLength;
    }

    /** Whether eight bytes of time, in seconds since the Epoch, stand before the signature. */
    public boolean isTimestamped() {
        return timestamped;
    }

    boolean verify(Octets publicKey, byte[] message, Octets signature) {
        return switch (this) {
            case ED25519, ED25519_COSIGNATURE -> SigningKey.verify(publicKey, message, signature);
            case ML_DSA_44_COSIGNATURE -> MlDsaKey.verify(publicKey, message, signature);
        };
    }
}
