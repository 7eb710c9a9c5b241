package io.kiroku.systemtests.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often a second a file that grows can be brought to stable storage, one time after the other.
 *
 * @param block bytes appended before each
 */
record SyncRate(int block, double perSecond) {
    private static final long NANOS = 1_000_000_000;

    /** Appends and syncs for a second. */
    static SyncRate measure(Path directory, int block) throws IOException {
        Path file = directory.resolve("sync");
        byte[] bytes = new byte[block];
        ThreadLocalRandom.current().nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            int count = 0;
            long start = System.nanoTime();
            long now = start;
            while (now - start < NANOS) {
                ByteBuffer out = ByteBuffer.wrap(bytes);
                while (out.hasRemaining()) {
                    channel.write(out);
                }
                channel.force(false);
                count++;
                now = System.nanoTime();
            }
            return new SyncRate(block, count / ((now - start) / 1e9));
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%.0f fsyncs/s of %d KiB (%.0f MB/s)", perSecond, block >> 10, perSecond * block / 1e6);
    }
}
