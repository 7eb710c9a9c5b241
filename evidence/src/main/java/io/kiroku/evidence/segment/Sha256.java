package io.kiroku.evidence.segment;

import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 (FIPS 180-4) as the JDK has it, with no checked exceptions: every Java platform must provide it. */
public final class Sha256 {
    public static final int LENGTH = 32;

    private final MessageDigest digest = create();

    public Sha256 update(ByteBuffer bytes) {
        digest.update(bytes);
        return this;
    }

    public Sha256 update(byte... bytes) {
        digest.update(bytes);
        return this;
    }

    /** The digest of all that was given since the last call; starts anew. */
    public Octets finish() {
        byte[] out = new byte[LENGTH];
        try {
            digest.digest(out, 0, LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has " + LENGTH + " bytes", e);
        }
        return Octets.of(out);
    }

    /** The digest of the buffer's remaining bytes; the buffer stays as it is. */
    public static Octets of(ByteBuffer bytes) {
        return new Sha256().update(bytes.duplicate()).finish();
    }

    private static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
