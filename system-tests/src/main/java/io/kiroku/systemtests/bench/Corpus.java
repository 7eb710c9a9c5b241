package io.kiroku.systemtests.bench;

import io.kiroku.cli.demo.CriFormat;
import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.StdStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Logs of many pods that nobody has read yet.
 *
 * @param podLogs the directory, as /var/log/pods
 * @param files the logs in it
 * @param bytes in all of them
 */
record Corpus(Path podLogs, List<Path> files, long bytes) {
    private static final int BUFFER = 1 << 20;
    private static final long FIRST_LINE_NANOS = 1_795_430_400_000_000_000L;
    private static final long LINE_NANOS = 137_000;

    /** Writes about so many bytes in equal parts; the same for the same seed. */
    static Corpus generate(Path podLogs, int count, long bytes, long seed) throws IOException {
        List<Path> files = new ArrayList<>();
        long written = 0;
        for (int i = 0; i < count; i++) {
            UUID uid = new UUID(seed, i);
            Path directory = podLogs.resolve("bench_pod-%03d_%s/app".formatted(i, uid));
            Files.createDirectories(directory);
            Path file = directory.resolve("0.log");
            written += generate(file, bytes / count, seed + i);
            files.add(file);
        }
        return new Corpus(podLogs, List.copyOf(files), written);
    }

    private static long generate(Path file, long bytes, long seed) throws IOException {
        LogLines lines = new LogLines(seed);
        CriFormat format = new CriFormat();
        ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER + CriFormat.roomFor(LogLines.MOST_LINE));
        long written = 0;
        long wallNanos = FIRST_LINE_NANOS + seed;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (written < bytes) {
                buffer.clear();
                while (buffer.position() < BUFFER && written + buffer.position() < bytes) {
                    StdStream stream = lines.next(line.clear());
                    wallNanos += LINE_NANOS;
                    format.append(buffer, wallNanos, stream, line.flip(), true);
                }
                buffer.flip();
                written += buffer.remaining();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            channel.force(true);
        }
        return written;
    }
}
