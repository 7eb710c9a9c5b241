package io.kiroku.agent;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector's last receipt, kept beside the ring: it shows without a collector what has been acknowledged, and the
 * collector can be held to it. Written at most every five seconds; the collector's greeting tells the rest after a crash.
 */
final class ReceiptFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiptFile.class);
    private static final String NAME = "receipt";
    private static final long INTERVAL = 5_000_000_000L;

    private final Path file;
    private Frame.@Nullable Receipt unwritten;
    private long writtenAt;

    ReceiptFile(Path state) {
        this.file = state.resolve(NAME);
        this.writtenAt = System.nanoTime() - INTERVAL;
    }

    /** The receipt that was kept last; empty if there is none, or it cannot be read. */
    Optional<Frame.Receipt> last() {
        try {
            ByteBuffer frame = ByteBuffer.wrap(Files.readAllBytes(file));
            if (frame.remaining() > Integer.BYTES
                    && FrameCodec.decode(frame.position(Integer.BYTES)) instanceof Frame.Receipt receipt) {
                return Optional.of(receipt);
            }
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException | MalformedException damaged) {
            LOG.warn("the last receipt in {} cannot be read: {}", file, damaged.getMessage());
        }
        return Optional.empty();
    }

    synchronized void keep(Frame.Receipt receipt) {
        unwritten = receipt;
        if (System.nanoTime() - writtenAt >= INTERVAL) {
            write(receipt);
        }
    }

    private void write(Frame.Receipt receipt) {
        ByteBuffer frame = FrameCodec.encode(receipt);
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        try {
            Durable.overwrite(file, bytes);
            unwritten = null;
        } catch (IOException full) {
            LOG.warn("the last receipt cannot be kept in {}: {}", file, full.getMessage());
        }
        writtenAt = System.nanoTime();
    }

    @Override
    public synchronized void close() {
        if (unwritten != null) {
            write(unwritten);
        }
    }
}
