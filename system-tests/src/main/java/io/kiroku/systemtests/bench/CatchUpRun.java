package io.kiroku.systemtests.bench;

import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.store.VolumeScan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What came of a catch-up.
 *
 * @param seconds from the agent's start to the receipt for everything
 * @param agent as it was then
 * @param collector as it was then
 */
record CatchUpRun(double seconds, ProcStats agent, ProcStats collector) {
    static final Duration BOUND = Duration.ofMinutes(10);

    /** Starts a collector, then an agent on the corpus, and waits for the receipt for all of it. Both go on running. */
    static CatchUpRun play(Deployment deployment, Corpus corpus) throws Exception {
        deployment.startCollector();
        long start = System.nanoTime();
        deployment.launchAgent(deployment.state());
        deployment.awaitAcknowledged(BOUND, corpus.bytes());
        double seconds = (System.nanoTime() - start) / 1e9;
        return new CatchUpRun(
                seconds, deployment.agent().stats(), deployment.collector().stats());
    }

    /** What the protocol sends for the segments that are stored now; there were no breaks, so each went out once. */
    static long wireBytes(Path data) throws IOException {
        long[] bytes = {0};
        for (Path volume : VolumeScan.volumes(data)) {
            VolumeScan.forEach(volume, 0, stored -> bytes[0] += stored.segment().length() + FrameCodec.SEGMENT_PREFIX);
        }
        return bytes[0];
    }
}
