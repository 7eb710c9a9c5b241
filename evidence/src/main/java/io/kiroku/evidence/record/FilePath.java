package io.kiroku.evidence.record;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A path, or one name in it, as the kernel has it: bytes without NUL, whatever they mean.
 *
 * <p>Linux file names are not text. A log named with bytes that are no UTF-8 is captured like any other, so paths stay
 * bytes from the directory entry to the manifest; only {@link #toString()} turns them into text, for people.
 */
public final class FilePath implements Comparable<FilePath> {
    /** The kernel's PATH_MAX, in bytes, without the closing NUL. */
    public static final int MAX_LENGTH = 4095;

    private static final byte SLASH = '/';
    private static final HexFormat HEX = HexFormat.of();

    private final byte[] bytes;

    private FilePath(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Copies the bytes of a path.
     *
     * @throws IllegalArgumentException if there are none, more than {@link #MAX_LENGTH}, or a NUL among them
     */
    public static FilePath of(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a path has 1 to " + MAX_LENGTH + " bytes, this one has " + bytes.length);
        }
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                throw new IllegalArgumentException("a path holds no NUL byte, this one has one at byte " + i);
            }
        }
        return new FilePath(bytes.clone());
    }

    /** The path whose bytes are the UTF-8 form of the text. */
    public static FilePath of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Length in bytes. */
    public int length() {
        return bytes.length;
    }

    public byte byteAt(int index) {
        return bytes[index];
    }

    public void writeTo(ByteBuffer out) {
        out.put(bytes);
    }

    /** This directory's entry of that name. */
    public FilePath resolve(FilePath name) {
        int slash = bytes[bytes.length - 1] == SLASH ? 0 : 1;
        byte[] joined = Arrays.copyOf(bytes, bytes.length + slash + name.bytes.length);
        if (slash == 1) {
            joined[bytes.length] = SLASH;
        }
        System.arraycopy(name.bytes, 0, joined, bytes.length + slash, name.bytes.length);
        return of(joined);
    }

    /** All before the last slash; {@code /} for an entry of the root, {@code .} for a bare name. */
    public FilePath parent() {
        int slash = lastSlash();
        if (slash < 0) {
            return of(".");
        }
        return slash == 0 ? of("/") : new FilePath(Arrays.copyOf(bytes, slash));
    }

    /** All after the last slash; the whole path if there is none or nothing follows it. */
    public FilePath name() {
        int slash = lastSlash();
        return slash < 0 || slash == bytes.length - 1
                ? this
                : new FilePath(Arrays.copyOfRange(bytes, slash + 1, bytes.length));
    }

    public boolean startsWith(FilePath prefix) {
        return bytes.length >= prefix.bytes.length
                && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
    }

    private int lastSlash() {
        int at = bytes.length - 1;
        while (at >= 0 && bytes[at] != SLASH) {
            at--;
        }
        return at;
    }

    /** Orders by unsigned bytes, as {@code LC_ALL=C sort} does. */
    @Override
    public int compareTo(FilePath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FilePath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * The path for people: valid UTF-8 as it is, but for control characters and the backslash; if it is not valid
     * UTF-8, every byte outside printable ASCII as {@code \xNN}. Terminal escapes in a file's name thus do nothing.
     */
    @Override
    public String toString() {
        return escape(bytes);
    }

    private static String escape(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            text = new String(bytes, StandardCharsets.ISO_8859_1);
            return escape(text, 0x7e);
        }
        return escape(text, Character.MAX_VALUE);
    }

    private static String escape(String text, int lastPlain) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (Character.isISOControl(c) || c > lastPlain || Character.getType(c) == Character.FORMAT) {
                out.append(c < 0x100 ? "\\x" + HEX.toHexDigits((byte) c) : "\\u" + HEX.toHexDigits(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
