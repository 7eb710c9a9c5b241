package io.kiroku.systemtests.peers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Fluentd's forward protocol, version 1, in the modes PackedForward and CompressedPackedForward: each message is an array
 * of a tag, entries one after the other as one string or binary value, which may be gzipped, and perhaps options. An
 * entry is one record. Nothing is answered: the peer must not ask for acknowledgements. For use by one connection.
 */
public final class ForwardProtocol implements Protocol {
    /** No message may unfold to more. */
    static final int MOST_ENTRIES = 256 << 20;

    private static final int GZIP_1 = 0x1f;
    private static final int GZIP_2 = 0x8b;

    private byte[] entries = new byte[1 << 20];

    @Override
    public int cut(byte[] bytes, int length, long nanos, Records to) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
        int end = 0;
        while (message(bytes, in, nanos, to)) {
            end = in.position();
        }
        return end;
    }

    /** Reads one message of the bytes that the buffer wraps; false, and the position anywhere, if it is not whole. */
    private boolean message(byte[] bytes, ByteBuffer in, long nanos, Records to) throws IOException {
        if (!in.hasRemaining()) {
            return false;
        }
        int start = in.position();
        long parts = MessagePack.array(in);
        if (parts < 2 || parts > 3) {
            throw new IOException("expected a forward message of 2 or 3 parts, found a byte 0x%02x there"
                    .formatted(Byte.toUnsignedInt(in.get(start))));
        }
        if (!MessagePack.skip(in)) {
            return false;
        }
        int from = in.position();
        if (!in.hasRemaining()) {
            return false;
        }
        int type = Byte.toUnsignedInt(in.get(from));
        int length = MessagePack.bytes(in);
        int at = in.position();
        in.position(from);
        if (!MessagePack.skip(in)) {
            return false;
        }
        if (length < 0) {
            throw new IOException("expected packed entries, found a value of the type 0x%02x".formatted(type));
        }
        if (parts == 3 && !MessagePack.skip(in)) {
            return false;
        }
        unpack(bytes, at, length, nanos, to);
        return true;
    }

    private void unpack(byte[] bytes, int at, int length, long nanos, Records to) throws IOException {
        // An entry is an array, so that no entries begin as gzip does.
        if (length > 2 && Byte.toUnsignedInt(bytes[at]) == GZIP_1 && Byte.toUnsignedInt(bytes[at + 1]) == GZIP_2) {
            int unfolded = gunzip(bytes, at, length);
            records(entries, 0, unfolded, nanos, to);
        } else {
            records(bytes, at, length, nanos, to);
        }
    }

    private int gunzip(byte[] bytes, int at, int length) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, at, length), 1 << 16)) {
            int filled = 0;
            while (true) {
                int read = in.read(entries, filled, entries.length - filled);
                if (read < 0) {
                    return filled;
                }
                filled += read;
                if (filled == entries.length) {
                    if (filled >= MOST_ENTRIES) {
                        throw new IOException("a message unfolds to more than %d bytes".formatted(MOST_ENTRIES));
                    }
                    entries = Arrays.copyOf(entries, Math.min(MOST_ENTRIES, 2 * entries.length));
                }
            }
        }
    }

    private static void records(byte[] bytes, int at, int length, long nanos, Records to) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes, at, length);
        while (in.hasRemaining()) {
            int from = in.position();
            if (!MessagePack.skip(in)) {
                throw new IOException("packed entries end within an entry");
            }
            to.take(bytes, from, in.position(), nanos);
        }
    }
}
