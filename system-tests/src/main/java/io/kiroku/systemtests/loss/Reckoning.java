package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.Written;
import io.kiroku.evidence.record.Entry;
import io.kiroku.systemtests.lines.LineAudit;
import java.util.List;

/**
 * What is there of one log, against what was written to it.
 *
 * @param log the truth
 * @param linesWritten to it
 * @param bytes in the store, those that are there twice counted twice
 * @param repeated bytes that are there more than once, each time counted but the first
 * @param given the lines of what the collector gives back of it
 * @param same whether that is, byte for byte, what was written
 * @param gaps what was declared lost of it
 */
record Reckoning(
        Written log,
        long linesWritten,
        long bytes,
        long repeated,
        LineAudit given,
        boolean same,
        List<Entry.Gap> gaps) {
    /** Bytes that are not in the store. */
    long bytesMissing() {
        return Math.max(0, log.length() - (bytes - repeated));
    }

    /** Bytes that are not in the store, and no gap says so. */
    long bytesLostSilently() {
        boolean covered = gaps.stream().anyMatch(gap -> gap.length() == Entry.UNKNOWN);
        return covered ? 0 : Math.max(0, bytesMissing() - bytesDeclared());
    }

    /** Bytes that were declared lost, as far as their number is known. */
    long bytesDeclared() {
        return gaps.stream().mapToLong(gap -> Math.max(0, gap.length())).sum();
    }

    /** Lines that are not given back though no gap says that anything is missing. */
    long linesLostSilently() {
        return gaps.isEmpty() ? linesMissing() : 0;
    }

    long linesMissing() {
        return Math.max(0, linesWritten - (given.lines() - given.repeated()));
    }

    /** Whether everything is there, once and as it was. */
    boolean isWhole() {
        return same && repeated == 0;
    }
}
