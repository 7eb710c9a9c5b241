package io.kiroku.systemtests.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.systemtests.direct.DirectCollector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much garbage a GiB of log makes in the threads that it goes through. It does not depend on the machine, and shows what
 * has begun to be made anew for each slice or segment. The bounds are half as much again as what was measured.
 */
final class AllocationTest {
    private static final int BYTES = 64 << 20;
    private static final double GIBI = 1 << 30;
    private static final int BATCH = 16;

    /** In bytes allocated by each GiB of log. */
    private static final double MOST_BY_CAPTURE = 47e6;

    private static final double MOST_BY_INGEST = 78e6;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    @Test
    void captureMakesLittleGarbage() throws IOException {
        try (CatchingUp agent = new CatchingUp(directory)) {
            agent.write(BYTES);
            agent.capture();
            agent.write(BYTES);
            long segments = agent.sealed().segments();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            agent.capture();
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            judge("capture", allocated, agent.sealed().segments() - segments, MOST_BY_CAPTURE);
        }
    }

    @Test
    void ingestMakesLittleGarbage() throws IOException {
        try (CatchingUp agent = new CatchingUp(directory);
                DirectCollector collector = new DirectCollector(
                        StoreFiles.of(directory.resolve("data")),
                        new LogFiles(new DiskDirectory(directory.resolve("data").resolve("log"))),
                        DirectCollector.unpublished(new SecureRandom()),
                        1 << 30,
                        new SecureRandom(),
                        CatchingUp::now)) {
            DirectCollector.Session session = collector.connect();
            session.receive(agent.hello());
            agent.write(BYTES);
            agent.capture();
            List<ByteBuffer> first = agent.segmentsFrom(1);
            ingest(first, collector, session);
            agent.write(BYTES);
            agent.capture();
            List<ByteBuffer> second = agent.segmentsFrom(first.size() + 1);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            ingest(second, collector, session);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertThat(collector.counts().segments()).as("segments stored").isEqualTo(first.size() + second.size());
            judge("ingest", allocated, second.size(), MOST_BY_INGEST);
        }
    }

    private static void ingest(List<ByteBuffer> segments, DirectCollector collector, DirectCollector.Session session) {
        for (int from = 0; from < segments.size(); from += BATCH) {
            segments.subList(from, Math.min(segments.size(), from + BATCH))
                    .forEach(segment -> session.receive(new Frame.SegmentFrame(segment)));
            collector.commit();
            while (session.answer() != null) {
                // Receipts, which nobody waits for here.
            }
        }
    }

    private static void judge(String what, long allocated, long segments, double most) {
        double perGibibyte = allocated * (GIBI / BYTES);
        System.out.printf(
                "%s: %.1f MB allocated by each GiB of log, %,d bytes by each of %d segments%n",
                what, perGibibyte / 1e6, allocated / segments, segments);
        assertThat(perGibibyte).as("bytes allocated by each GiB of log").isLessThan(most);
    }
}
