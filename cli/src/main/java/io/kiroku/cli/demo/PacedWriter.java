package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A process in a container: writes lines at a rate until it has written enough, is stopped, or its container runs no
 * more. What it falls behind it makes up for.
 */
public final class PacedWriter implements AutoCloseable {
    /** Lines are gathered into writes of at most this size, as far as the rate brings several of them together. */
    private static final int BURST = 64 << 10;

    private static final long TICK_NANOS = 2_000_000;

    /** Where the lines come from. */
    public interface Lines {
        /** Appends the next line without a newline, at most {@link LogLines#MOST_LINE} bytes, and says where it goes. */
        StdStream next(ByteBuffer out);
    }

    private final PretendContainer container;
    private final Lines lines;
    private final CriFormat format = new CriFormat();
    private final ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
    private final ByteBuffer burst = ByteBuffer.allocate(BURST + CriFormat.roomFor(LogLines.MOST_LINE));
    private final long bytesPerSecond;
    private final long enough;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread thread;

    private PacedWriter(PretendContainer container, Lines lines, long bytesPerSecond, long enough) {
        this.container = container;
        this.lines = lines;
        this.bytesPerSecond = bytesPerSecond;
        this.enough = enough;
        this.thread =
                Thread.ofPlatform().daemon().name("writer-" + container.name()).unstarted(this::run);
    }

    /** Starts to write lines such as services write, the same for the same seed. */
    public static PacedWriter start(PretendContainer container, long seed, long bytesPerSecond, long enough) {
        return start(container, new LogLines(seed)::next, bytesPerSecond, enough);
    }

    /**
     * Starts to write.
     *
     * @param bytesPerSecond bytes in the log file
     * @param enough ends by itself once it has written so many, to the end of a line
     */
    public static PacedWriter start(PretendContainer container, Lines lines, long bytesPerSecond, long enough) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("expected a rate of at least 1 byte/s, found " + bytesPerSecond);
        }
        PacedWriter writer = new PacedWriter(container, lines, bytesPerSecond, enough);
        writer.thread.start();
        return writer;
    }

    /** True once nothing more will be written. */
    public boolean hasEnded() {
        return !thread.isAlive();
    }

    /**
     * Waits until it has written enough.
     *
     * @throws IOException if writing failed
     * @throws TimeoutException if it takes longer than that many seconds
     */
    public void await(long seconds) throws IOException, InterruptedException, TimeoutException {
        thread.join(TimeUnit.SECONDS.toMillis(seconds));
        if (thread.isAlive()) {
            throw new TimeoutException(
                    "the writer in %s has not ended within %d s".formatted(container.name(), seconds));
        }
        rethrow();
    }

    /** Stops writing, at the end of a line. */
    @Override
    public void close() throws IOException {
        stop.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        rethrow();
    }

    private void rethrow() throws IOException {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IOException("the writer in " + container.name() + " failed", failed);
        }
    }

    private void run() {
        try {
            long start = System.nanoTime();
            long written = 0;
            while (written < enough && !stop.await(TICK_NANOS, TimeUnit.NANOSECONDS)) {
                double seconds = (System.nanoTime() - start) / 1e9;
                long due = Math.min(enough, (long) (seconds * bytesPerSecond));
                while (written < due && stop.getCount() > 0) {
                    int length = fill((int) Math.min(BURST, due - written));
                    if (!container.write(burst)) {
                        return;
                    }
                    written += length;
                }
            }
        } catch (NoSuchFileException podRemoved) {
            // Its directory was removed while it was being started anew.
        } catch (IOException | InterruptedException | RuntimeException failed) {
            failure.compareAndSet(null, failed);
        }
    }

    /** Puts at least one line, and no more after so many bytes, into the burst. */
    private int fill(int length) {
        burst.clear();
        do {
            StdStream stream = lines.next(line.clear());
            format.append(burst, container.wallNanos(), stream, line.flip(), true);
        } while (burst.position() < length);
        return burst.flip().remaining();
    }
}
