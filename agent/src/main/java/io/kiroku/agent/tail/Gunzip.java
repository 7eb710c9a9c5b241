package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The log bytes of a file that was compressed after its rotation (RFC 1952), in their order. Whoever goes back lets it
 * begin anew. It takes some 150 KiB from its first read to {@link #close}.
 */
final class Gunzip implements AutoCloseable {
    private static final int PIECE = 64 << 10;

    /** What follows the compressed bytes: CRC-32 and length, RFC 1952, section 2.3.1. */
    private static final int TRAILER = 8;

    private static final int LEAST_LENGTH = 10 + TRAILER;

    private final Kernel kernel;
    private final int fd;
    private final byte[] piece = new byte[PIECE];
    private @Nullable InputStream log;
    private long position;

    /** @param fd stays the caller's, who closes it */
    Gunzip(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /**
     * Reads log bytes from an offset in the decompressed log.
     *
     * @return their number; 0 at the end
     * @throws ErrnoException if the kernel cannot read the file
     * @throws MalformedException if it is no whole gzip file
     */
    int read(long offset, ByteBuffer into) throws ErrnoException, MalformedException {
        try {
            InputStream from = at(offset);
            int length = Math.max(0, from.read(piece, 0, Math.min(piece.length, into.remaining())));
            into.put(piece, 0, length);
            position += length;
            return length;
        } catch (ErrnoException refused) {
            close();
            throw refused;
        } catch (ZipException | EOFException damaged) {
            close();
            throw new MalformedException("expected a gzip file, found one that is damaged behind byte %d of its log: %s"
                    .formatted(offset, damaged.getMessage()));
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    private InputStream at(long offset) throws IOException {
        InputStream from = log;
        if (from == null || offset < position) {
            close();
            from = new GZIPInputStream(new Compressed(), PIECE);
            log = from;
            position = 0;
        }
        while (position < offset) {
            int skipped = from.read(piece, 0, (int) Math.min(piece.length, offset - position));
            if (skipped < 0) {
                throw new EOFException("it ends at byte " + position);
            }
            position += skipped;
        }
        return from;
    }

    /**
     * The length of the log as the file's last bytes state it, modulo 2^32 (RFC 1952, ISIZE); -1 if it is too short to be
     * one. The kubelet compresses files of some MiB.
     */
    static long statedLength(Kernel kernel, int fd, FileStat stat) throws ErrnoException {
        if (stat.size() < LEAST_LENGTH) {
            return -1;
        }
        ByteBuffer length = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long at = stat.size() - Integer.BYTES;
        while (length.hasRemaining() && kernel.read(fd, at + length.position(), length) > 0) {
            // The kernel may give fewer bytes than there are.
        }
        return length.hasRemaining() ? -1 : Integer.toUnsignedLong(length.flip().getInt());
    }

    /** The file's bytes as they lie there. */
    private final class Compressed extends InputStream {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE).limit(0);
        private long offset;

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(into, at, count);
            return count;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer.get() & 0xff : -1;
        }

        /** Asked whether another member follows the first. */
        @Override
        public int available() throws IOException {
            return fill() ? buffer.remaining() : 0;
        }

        private boolean fill() throws ErrnoException {
            if (!buffer.hasRemaining()) {
                buffer.clear();
                int count = kernel.read(fd, offset, buffer);
                offset += count;
                buffer.flip();
            }
            return buffer.hasRemaining();
        }
    }

    /** Gives up its buffers. */
    @Override
    public void close() {
        InputStream open = log;
        log = null;
        position = 0;
        if (open != null) {
            try {
                open.close();
            } catch (IOException impossible) {
                throw new IllegalStateException("closing what is in memory failed", impossible);
            }
        }
    }
}
