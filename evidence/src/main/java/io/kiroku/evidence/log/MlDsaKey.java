package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;

/**
 * An ML-DSA-44 private key (FIPS 204) that can be destroyed. Signatures are "pure", with an empty context, and of the
 * deterministic variant (section 3.4): a message has one signature by a key. Not for use by several threads at once.
 */
public final class MlDsaKey {
    /** Bytes of the private key: the seed ξ of FIPS 204, algorithm 6. */
    public static final int LENGTH = 32;

    /** Bytes of a public key. */
    public static final int PUBLIC_LENGTH = 1312;

    /** Bytes of a signature. */
    public static final int SIGNATURE_LENGTH = 2420;

    private final byte[] seed;
    private final MLDSAPrivateKeyParameters key;
    private final Octets publicKey;

    private MlDsaKey(byte[] seed) {
        this.seed = seed;
        this.key = new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_44, seed);
        this.publicKey = Octets.of(key.getPublicKey());
    }

    public static MlDsaKey generate(SecureRandom random) {
        byte[] seed = new byte[LENGTH];
        random.nextBytes(seed);
        return new MlDsaKey(seed);
    }

    /** The key with that seed; the array is copied. */
    public static MlDsaKey of(byte[] seed) {
        if (seed.length != LENGTH) {
            throw new IllegalArgumentException(
                    "an ML-DSA-44 private key has %d bytes, this one has %d".formatted(LENGTH, seed.length));
        }
        return new MlDsaKey(seed.clone());
    }

    public Octets publicKey() {
        return publicKey;
    }

    /** The signature of the message. */
    public Octets sign(byte[] message) {
        check();
        MLDSASigner signer = new MLDSASigner();
        signer.init(true, key);
        signer.update(message, 0, message.length);
        try {
            return Octets.of(signer.generateSignature());
        } catch (CryptoException impossible) {
            throw new IllegalStateException("ML-DSA signs every message", impossible);
        }
    }

    /** A copy of the private key, to be stored with care and wiped. */
    public byte[] seed() {
        check();
        return seed.clone();
    }

    /** Overwrites the private key. What it signed stays valid; nothing can be signed with it again. */
    public void destroy() {
        Arrays.fill(seed, (byte) 0);
        key.destroy();
    }

    private void check() {
        if (key.isDestroyed()) {
            throw new IllegalStateException("a destroyed key signs nothing");
        }
    }

    /** Whether the signature is the message's under the public key. */
    public static boolean verify(Octets publicKey, byte[] message, Octets signature) {
        if (publicKey.length() != PUBLIC_LENGTH || signature.length() != SIGNATURE_LENGTH) {
            return false;
        }
        MLDSASigner verifier = new MLDSASigner();
        verifier.init(false, new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_44, publicKey.toArray()));
        verifier.update(message, 0, message.length);
        return verifier.verifySignature(signature.toArray());
    }
}
