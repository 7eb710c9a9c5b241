package io.kiroku.evidence.log;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** A private key that signs notes under a name. It does not own the key: who made the key destroys it. */
public final class NoteSigner {
    private final VerifierKey verifierKey;
    private final Function<byte[], Octets> key;

    private NoteSigner(VerifierKey verifierKey, Function<byte[], Octets> key) {
        this.verifierKey = verifierKey;
        this.key = key;
    }

    /** Signs any text. */
    public static NoteSigner ed25519(String name, SigningKey key) {
        return ed25519(name, SignatureType.ED25519, key);
    }

    /** Cosigns checkpoints. A key that does so must be used under one name only, and for nothing else. */
    public static NoteSigner ed25519Cosigner(String name, SigningKey key) {
        return ed25519(name, SignatureType.ED25519_COSIGNATURE, key);
    }

    /** Cosigns checkpoints; also what a log's own key should do. */
    public static NoteSigner mlDsa44(String name, MlDsaKey key) {
        return new NoteSigner(new VerifierKey(name, SignatureType.ML_DSA_44_COSIGNATURE, key.publicKey()), key::sign);
    }

    private static NoteSigner ed25519(String name, SignatureType type, SigningKey key) {
        return new NoteSigner(new VerifierKey(name, type, key.publicKey()), message -> Octets.of(key.sign(message)));
    }

    /** What others check the signatures by. */
    public VerifierKey verifierKey() {
        return verifierKey;
    }

    /**
     * Signs a text.
     *
     * @param seconds now, since the Epoch; of no effect where the type of signature has no time
     * @throws MalformedException if this is a cosigner, and the text no checkpoint
     */
    public SignedNote.Signature sign(String text, long seconds) throws MalformedException {
        if (seconds < 0) {
            throw new IllegalArgumentException(
                    "a signature is not made %d seconds before the Epoch".formatted(-seconds));
        }
        Octets signature = key.apply(verifierKey.message(text, seconds));
        return new SignedNote.Signature(verifierKey.name(), verifierKey.keyId(), timed(signature, seconds));
    }

    private Octets timed(Octets signature, long seconds) {
        if (!verifierKey.type().isTimestamped()) {
            return signature;
        }
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES + signature.length()).putLong(seconds);
        signature.writeTo(out);
        return Octets.of(out.array());
    }
}
