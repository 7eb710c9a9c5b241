package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.process.Running;
import java.io.IOException;

/** How busy a process is from one moment to another. */
final class CpuWindow {
    private final Running process;
    private final double cpuSeconds;
    private final long nanos;

    /** It begins now. */
    CpuWindow(Running process) throws IOException {
        this.process = process;
        this.cpuSeconds = process.stats().cpuSeconds();
        this.nanos = System.nanoTime();
    }

    /** Percent of one core since the beginning; the kernel counts in steps of 10 ms. */
    double percent() throws IOException {
        ProcStats now = process.stats();
        double seconds = (System.nanoTime() - nanos) / 1e9;
        return 100 * (now.cpuSeconds() - cpuSeconds) / seconds;
    }
}
