package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Octets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 private key (RFC 8032) that can be destroyed. Not for use by several threads at once. */
public final class SigningKey {
    /** Bytes of the private key: the seed of RFC 8032, section 5.1.5. */
    public static final int LENGTH = 32;

    private final byte[] seed;
    private final byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
    private boolean destroyed;

    private SigningKey(byte[] seed) {
        this.seed = seed;
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    }

    public static SigningKey generate(SecureRandom random) {
        byte[] seed = new byte[LENGTH];
        random.nextBytes(seed);
        return new SigningKey(seed);
    }

    /** The key with that seed; the array is copied. */
    public static SigningKey of(byte[] seed) {
        if (seed.length != LENGTH) {
            throw new IllegalArgumentException(
                    "an Ed25519 private key has " + LENGTH + " bytes, this one has " + seed.length);
        }
        return new SigningKey(seed.clone());
    }

    public Octets publicKey() {
        return Octets.of(publicKey);
    }

    /** The 64-byte signature of the message. */
    public byte[] sign(byte[] message) {
        check();
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    /** A copy of the private key, to be stored with care and wiped. */
    public byte[] seed() {
        check();
        return seed.clone();
    }

    /** Overwrites the private key. What it signed stays valid; nothing can be signed with it again. */
    public void destroy() {
        Arrays.fill(seed, (byte) 0);
        destroyed = true;
    }

    private void check() {
        if (destroyed) {
            throw new IllegalStateException("a destroyed key signs nothing");
        }
    }

    /** Whether the signature is the message's under the public key. */
    public static boolean verify(Octets publicKey, byte[] message, Octets signature) {
        return publicKey.length() == Ed25519.PUBLIC_KEY_SIZE
                && signature.length() == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature.toArray(), 0, publicKey.toArray(), 0, message, 0, message.length);
    }
}
