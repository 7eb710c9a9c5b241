package io.kiroku.systemtests.bench;

import java.lang.management.ManagementFactory;

/** Processor time as the JVM accounts it. */
final class CpuTime {
    private CpuTime() {}

    /** Seconds in user and system mode. */
    static double ofThisThread() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }
}
