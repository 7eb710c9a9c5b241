package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The log bytes of an open file: as they lie there, or as they lay there before the kubelet compressed them. */
final class Content {
    private final Kernel kernel;
    private final int fd;
    private final @Nullable Gunzip gunzip;

    private Content(Kernel kernel, int fd, @Nullable Gunzip gunzip) {
        this.kernel = kernel;
        this.fd = fd;
        this.gunzip = gunzip;
    }

    static Content plain(Kernel kernel, int fd) {
        return new Content(kernel, fd, null);
    }

    static Content compressed(Kernel kernel, int fd) {
        return new Content(kernel, fd, new Gunzip(kernel, fd));
    }

    /** What a file of that name holds: only a rotated file of its source is one that the kubelet compressed. */
    static Content of(Kernel kernel, int fd, FilePath source, FilePath path) {
        return RotatedName.isCompressed(source.name(), path.name()) ? compressed(kernel, fd) : plain(kernel, fd);
    }

    /** Compressed bytes are written once, under a name that they get when they are whole. */
    boolean isCompressed() {
        return gunzip != null;
    }

    /**
     * Reads log bytes into a direct buffer, possibly fewer than it has room for.
     *
     * @return their number; 0 at the end
     * @throws MalformedException if the file is compressed and damaged
     */
    int read(long offset, ByteBuffer into) throws ErrnoException, MalformedException {
        return gunzip == null ? kernel.read(fd, offset, into) : gunzip.read(offset, into);
    }

    /** Fills the buffer from the start of the log, as far as there is any, and flips it. */
    void readFirst(ByteBuffer into) throws ErrnoException, MalformedException {
        while (into.hasRemaining() && read(into.position(), into) > 0) {
            // The kernel may give fewer bytes than there are.
        }
        into.flip();
    }

    /** Gives up buffers, not the descriptor. */
    void close() {
        if (gunzip != null) {
            gunzip.close();
        }
    }
}
