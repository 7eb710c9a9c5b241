package io.kiroku.systemtests.guard;

import io.kiroku.agent.os.LinuxKernel;
import io.kiroku.agent.os.Machine;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.systemtests.direct.DirectAgent;
import io.kiroku.systemtests.lines.ContainerLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** An agent in this thread that captures from a directory of the operating system what nobody has read yet. */
final class CatchingUp implements AutoCloseable {
    private static final int FILES = 50;
    private static final int EXTENT = 16 << 20;
    private static final int EXTENTS = 16;

    private final Path podLogs;
    private final LinuxKernel kernel;
    private final DirectAgent agent;
    private int pods;
    private long written;

    /** @param directory an empty one: logs, pins, ring and keys come into it */
    CatchingUp(Path directory) throws IOException {
        podLogs = Files.createDirectory(directory.resolve("pods"));
        Path pins = Files.createDirectory(directory.resolve("pins"));
        kernel = LinuxKernel.open();
        DirectAgent.Place place = new DirectAgent.Place(
                kernel,
                List.of(PathPattern.below(podLogs.toString(), "*/*/*.log")),
                FilePath.of(pins.toString()),
                ChannelFile.open(Files.createFile(directory.resolve("ring"))),
                ChannelFile.open(Files.createFile(directory.resolve("keys"))));
        place.ring().write(ByteBuffer.allocate(1), (long) EXTENT * (EXTENTS + 1));
        agent = new DirectAgent(place, EXTENT, EXTENTS, new SecureRandom(), CatchingUp::now);
    }

    static Timestamp now() {
        return new Timestamp(Machine.wallNanos(), Machine.bootTimeNanos());
    }

    /** Pods come with logs of so many bytes together. */
    void write(int bytes) throws IOException {
        int length = bytes / FILES;
        for (int i = 0; i < FILES; i++) {
            pods++;
            Path container =
                    podLogs.resolve("shop_checkout-%03d_8c2b1f0e-6a55-4d1a-9f0e-%012x/app".formatted(pods, pods));
            Files.createDirectories(container);
            Files.write(container.resolve("0.log"), new ContainerLog(pods).next(length));
            written += length;
        }
    }

    /** Captures all that is there, makes it durable, and is given receipts for it. */
    void capture() throws IOException {
        while (agent.sealed().rawBytes() < written) {
            long wait = agent.turn();
            agent.sync();
            agent.acknowledgeAll();
            if (wait > 0) {
                kernel.await(wait);
            }
        }
    }

    DirectAgent.Sealed sealed() {
        return agent.sealed();
    }

    Frame.Hello hello() {
        return agent.hello();
    }

    /** Copies of the segments from that one on. */
    List<ByteBuffer> segmentsFrom(long sequence) throws IOException {
        List<ByteBuffer> segments = new ArrayList<>();
        RingCursor cursor = agent.ring().cursorAt(sequence);
        for (ByteBuffer bytes = cursor.read(); bytes != null; bytes = cursor.read()) {
            segments.add(ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip());
        }
        return segments;
    }

    @Override
    public void close() throws IOException {
        agent.close();
        kernel.close();
    }
}
