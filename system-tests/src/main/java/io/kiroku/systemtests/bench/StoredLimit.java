package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What this machine's core can do at most with what is stored: digest the stored bytes and decompress them, segment after
 * segment in one loop, with nothing around it.
 *
 * @param rawBytesPerSecond of log
 * @param cpuSecondsPerGibibyte of log, of the thread that did it
 */
record StoredLimit(double rawBytesPerSecond, double cpuSecondsPerGibibyte) {
    /** Enough to be measured on; more need not be held in memory. */
    static final long SAMPLE = 64 << 20;

    private static final int MOST_RAW = 1 << 20;
    private static final long LEAST_NANOS = 1_000_000_000;

    /** Does it for a second to warm up, then for another with the clock. */
    static StoredLimit measure(List<Segment> segments) throws MalformedException {
        run(segments);
        return run(segments);
    }

    private static StoredLimit run(List<Segment> segments) throws MalformedException {
        ByteBuffer raw = ByteBuffer.allocateDirect(MOST_RAW);
        long bytes = 0;
        long start = System.nanoTime();
        double cpuStart = CpuTime.ofThisThread();
        do {
            for (Segment segment : segments) {
                if (!segment.payloadDigest().equals(segment.header().payloadDigest())) {
                    throw new MalformedException("a segment that is not what was sealed");
                }
                segment.decompress(raw.clear());
                bytes += raw.position();
            }
        } while (System.nanoTime() - start < LEAST_NANOS);
        double cpuSeconds = CpuTime.ofThisThread() - cpuStart;
        double seconds = (System.nanoTime() - start) / 1e9;
        return new StoredLimit(bytes / seconds, cpuSeconds / (bytes / (double) (1 << 30)));
    }
}
