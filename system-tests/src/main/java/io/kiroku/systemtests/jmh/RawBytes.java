package io.kiroku.systemtests.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts bytes of log, so that a rate of segments is a rate of bytes too. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class RawBytes {
    /** Millions of bytes of log gone through. */
    public double rawMegabytes;

    void add(int bytes) {
        rawMegabytes += bytes / 1e6;
    }
}
