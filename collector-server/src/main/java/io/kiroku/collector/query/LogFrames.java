package io.kiroku.collector.query;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A query's answer over a connection: log bytes and notes apart from each other, and an end that cannot be mistaken for a
 * connection that broke. Each frame is a type (1 byte), a length (4 bytes, big-endian) and so many bytes.
 */
public final class LogFrames {
    /** The media type by which a client asks for this form. */
    public static final String MEDIA_TYPE = "application/vnd.kiroku.log-frames";

    /** Log bytes. */
    static final byte BYTES = 1;

    /** A sentence in UTF-8. */
    static final byte NOTE = 2;

    /** The answer is at its end; its one byte is 1 if all was shown, 0 if not. */
    static final byte END = 3;

    /** No frame holds more bytes. */
    static final int MOST = 1 << 20;

    private LogFrames() {}

    /** The head of a frame. */
    static byte[] head(byte type, int length) {
        return ByteBuffer.allocate(5).put(type).putInt(length).array();
    }

    /** A whole frame with a sentence. */
    static byte[] note(String sentence) {
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, MOST);
        return ByteBuffer.allocate(5 + length)
                .put(head(NOTE, length))
                .put(text, 0, length)
                .array();
    }

    /** The last frame. */
    static byte[] end(boolean whole) {
        return ByteBuffer.allocate(6)
                .put(head(END, 1))
                .put((byte) (whole ? 1 : 0))
                .array();
    }

    /**
     * Reads an answer to its end.
     *
     * @return what {@link LogQuery#write} returned at the other end
     * @throws EOFException if the connection ends before the answer does
     */
    public static boolean read(InputStream in, LogOutput out) throws IOException {
        byte[] head = new byte[5];
        byte[] body = new byte[64 << 10];
        while (out.isOpen()) {
            if (in.available() == 0) {
                out.flush();
            }
            fill(in, head, head.length);
            int length = ByteBuffer.wrap(head).getInt(1);
            if (length < 0 || length > MOST) {
                throw new IOException("expected a frame of at most %d bytes in the collector's answer, found %d"
                        .formatted(MOST, Integer.toUnsignedLong(length)));
            }
            if (length > body.length) {
                body = new byte[length];
            }
            fill(in, body, length);
            switch (head[0]) {
                case BYTES -> out.bytes(body, 0, length);
                case NOTE -> out.note(new String(body, 0, length, StandardCharsets.UTF_8));
                case END -> {
                    out.flush();
                    return length == 1 && body[0] == 1;
                }
                default ->
                    throw new IOException("expected a frame of type 1 to 3 in the collector's answer, found %d"
                            .formatted(Byte.toUnsignedInt(head[0])));
            }
        }
        return true;
    }

    private static void fill(InputStream in, byte[] into, int length) throws IOException {
        int read = in.readNBytes(into, 0, length);
        if (read < length) {
            throw new EOFException("the collector's answer broke off before its end");
        }
    }
}
