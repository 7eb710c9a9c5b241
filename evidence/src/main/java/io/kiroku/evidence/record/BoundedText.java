package io.kiroku.evidence.record;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text in evidence and frames: its length in two bytes, then so many bytes of UTF-8, never more than a stated most. */
public final class BoundedText {
    private BoundedText() {}

    /** The UTF-8 form, cut between characters where it would be too long: a sentence for people may lose its end. */
    public static byte[] encode(String text, int most) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= most) {
            return bytes;
        }
        int end = most;
        while ((bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    /** Writes length and bytes. */
    public static void write(byte[] encoded, ByteBuffer out) {
        out.putShort((short) encoded.length).put(encoded);
    }

    /**
     * Reads a text and advances the buffer behind it.
     *
     * @throws MalformedException if it is longer than {@code most}, cut off, or no UTF-8
     */
    public static String read(ByteBuffer in, int most) throws MalformedException {
        int at = in.position();
        int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
        if (length < 0 || length > most || length > in.remaining()) {
            throw new MalformedException("expected a text of at most %d bytes at offset %d, found %s"
                    .formatted(most, at, length < 0 ? "the end" : length + " with " + in.remaining() + " left"));
        }
        ByteBuffer bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedException("expected UTF-8 in the text at offset %d, found other bytes".formatted(at));
        }
    }
}
