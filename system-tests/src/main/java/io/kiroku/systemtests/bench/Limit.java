package io.kiroku.systemtests.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * What this machine's core can do at most: read, compress and digest the same files in one loop, with nothing around it.
 *
 * @param bytesPerSecond raw
 * @param cpuSecondsPerGibibyte of the thread that did it
 * @param ratio compressed bytes for each raw one
 */
record Limit(double bytesPerSecond, double cpuSecondsPerGibibyte, double ratio) {
    private static final int BLOCK = 1 << 20;

    /** What is digested. */
    enum Digest {
        NOTHING,
        STORED_BYTES,
        RAW_BYTES
    }

    /** Runs over the files once to warm up, then once more with the clock. */
    static Limit measure(List<Path> files, Digest digest) throws IOException {
        run(files, digest);
        return run(files, digest);
    }

    private static Limit run(List<Path> files, Digest digest) throws IOException {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
        LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
        ByteBuffer raw = ByteBuffer.allocateDirect(BLOCK);
        ByteBuffer stored = ByteBuffer.allocateDirect(compressor.maxCompressedLength(BLOCK));
        long rawBytes = 0;
        long storedBytes = 0;
        long start = System.nanoTime();
        double cpuStart = CpuTime.ofThisThread();
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                while (channel.read(raw.clear()) > 0) {
                    raw.flip();
                    rawBytes += raw.remaining();
                    if (digest == Digest.RAW_BYTES) {
                        sha256.update(raw.duplicate());
                    }
                    compressor.compress(raw, stored.clear());
                    stored.flip();
                    storedBytes += stored.remaining();
                    if (digest == Digest.STORED_BYTES) {
                        sha256.update(stored);
                    }
                }
            }
        }
        double cpuSeconds = CpuTime.ofThisThread() - cpuStart;
        double seconds = (System.nanoTime() - start) / 1e9;
        sha256.digest();
        return new Limit(
                rawBytes / seconds, cpuSeconds / (rawBytes / (double) (1 << 30)), (double) storedBytes / rawBytes);
    }
}
