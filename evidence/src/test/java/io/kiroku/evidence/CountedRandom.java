package io.kiroku.evidence;

import io.kiroku.evidence.record.Octets;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Not random at all: its bytes are SHA-256(label, 0), SHA-256(label, 1), and so on, the label in ASCII and the counter
 * in eight bytes, big-endian. Whoever knows the label can make the same bytes with any tool.
 */
public final class CountedRandom extends SecureRandom {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String label;
    private byte[] block = new byte[0];
    private int used;
    private long counter;

    public CountedRandom(String label) {
        this.label = label;
    }

    /** The first 32 bytes under that label. */
    public static byte[] first(String label) {
        byte[] bytes = new byte[32];
        new CountedRandom(label).nextBytes(bytes);
        return bytes;
    }

    /** The first bytes under that label, as an identifier. */
    public static Octets octets(String label, int length) {
        byte[] bytes = new byte[length];
        new CountedRandom(label).nextBytes(bytes);
        return Octets.of(bytes);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (used == block.length) {
                block = next();
                used = 0;
            }
            bytes[i] = block[used++];
        }
    }

    private byte[] next() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(label.getBytes(StandardCharsets.US_ASCII));
            return sha256.digest(
                    ByteBuffer.allocate(Long.BYTES).putLong(counter++).array());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
