package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.lines.ContainerLog;
import io.kiroku.systemtests.process.Shell;
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
 * @param lines in all of them
 */
record Corpus(Path podLogs, List<Path> files, long bytes, long lines) {
    private static final int BUFFER = 1 << 20;

    /** Writes about so many bytes in equal parts, one file for each pod; the same for the same seed. */
    static Corpus generate(Path podLogs, int count, long bytes, long seed) throws IOException, InterruptedException {
        return generate(podLogs, count, 1, bytes, seed);
    }

    /** Writes about so many bytes in equal parts, one file for each container; the same for the same seed. */
    static Corpus generate(Path podLogs, int pods, int containers, long bytes, long seed)
            throws IOException, InterruptedException {
        int count = pods * containers;
        List<Path> files = new ArrayList<>();
        LogFile writer = new LogFile();
        for (int i = 0; i < count; i++) {
            Path file = file(podLogs, i / containers, i % containers, seed);
            Files.createDirectories(file.getParent());
            writer.write(file, bytes / count, seed + i);
            files.add(file);
        }
        Shell.bash("sync -f \"$1\"", podLogs);
        return new Corpus(podLogs, List.copyOf(files), writer.written, writer.lines);
    }

    /** The log of a container as the kubelet names it. */
    static Path file(Path podLogs, int pod, int container, long seed) {
        return podLogs.resolve("bench_pod-%03d_%s/app-%d/0.log".formatted(pod, new UUID(seed, pod), container));
    }

    private static final class LogFile {
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER + ContainerLog.roomForLine());
        private long written;
        private long lines;

        private void write(Path file, long bytes, long seed) throws IOException {
            ContainerLog log = new ContainerLog(seed);
            long rest = bytes;
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                while (rest > 0) {
                    buffer.clear();
                    while (buffer.position() < Math.min(BUFFER, rest)) {
                        lines += log.append(buffer);
                    }
                    buffer.flip();
                    rest -= buffer.remaining();
                    written += buffer.remaining();
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                }
            }
        }
    }
}
