package io.kiroku.evidence.record;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable run of bytes with value equality: a digest, a public key, a signature, an identifier. */
public final class Octets {
    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Octets of(byte... bytes) {
        return new Octets(bytes.clone());
    }

    /** {@code length} zero bytes, as a field has them when there is nothing to say. */
    public static Octets zero(int length) {
        return new Octets(new byte[length]);
    }

    /** Takes the next {@code length} bytes of the buffer and advances it. */
    public static Octets take(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return new Octets(bytes);
    }

    /**
     * Reads lower- or upper-case hexadecimal.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Octets parse(String hex) {
        return new Octets(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return bytes.length;
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    public void writeTo(ByteBuffer out) {
        out.put(bytes);
    }

    public boolean isZero() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** The first four bytes in hexadecimal: enough to tell two apart in a sentence. */
    public String brief() {
        return HexFormat.of().formatHex(bytes, 0, Math.min(4, bytes.length));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Lower-case hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
