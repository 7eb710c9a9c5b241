package io.kiroku.systemtests.loss;

import io.kiroku.evidence.record.Entry;
import java.util.List;

/**
 * What came of a load.
 *
 * @param logs every log of it
 * @param gaps every loss that was declared
 * @param verified whether both verdicts hold
 * @param verdicts the words of the verifier
 * @param agentCpuSeconds of all agents that ran
 * @param seconds from the first byte until everything was settled
 */
public record Outcome(
        List<Reckoning> logs,
        List<Entry.Gap> gaps,
        boolean verified,
        String verdicts,
        double agentCpuSeconds,
        double seconds) {
    /** Bytes that were written. */
    public long bytesWritten() {
        return logs.stream().mapToLong(log -> log.log().length()).sum();
    }

    /** Lines that were written. */
    public long linesWritten() {
        return logs.stream().mapToLong(Reckoning::linesWritten).sum();
    }

    /** Rotations of all logs. */
    public long rotations() {
        return logs.stream().mapToLong(log -> log.log().rotations()).sum();
    }

    /** Bytes that are not in the store, and no gap says so. */
    public long bytesLostSilently() {
        return logs.stream().mapToLong(Reckoning::bytesLostSilently).sum();
    }

    /** Lines that are not given back, of logs of which nothing was declared lost. */
    public long linesLostSilently() {
        return logs.stream().mapToLong(Reckoning::linesLostSilently).sum();
    }

    /** Bytes that are not in the store, declared or not. */
    public long bytesMissing() {
        return logs.stream().mapToLong(Reckoning::bytesMissing).sum();
    }

    /** Bytes that are in the store more than once. */
    public long bytesTwice() {
        return logs.stream().mapToLong(Reckoning::repeated).sum();
    }

    /** Lines that are given back more than once. */
    public long linesTwice() {
        return logs.stream().mapToLong(log -> log.given().repeated()).sum();
    }

    /** Lines that are given back behind later ones. */
    public long linesOutOfOrder() {
        return logs.stream().mapToLong(log -> log.given().displaced()).sum();
    }

    /** Logs that are not given back as they were written although no loss was declared of them. */
    public List<Reckoning> wrong() {
        return logs.stream()
                .filter(log -> !log.isWhole() && log.gaps().isEmpty())
                .toList();
    }

    /** Bytes that were declared lost, as far as their number is known. */
    public long bytesDeclared() {
        return gaps.stream().mapToLong(gap -> Math.max(0, gap.length())).sum();
    }

    /** Of the losses that were declared, those whose length is not known. */
    public long gapsOfUnknownLength() {
        return gaps.stream().filter(gap -> gap.length() == Entry.UNKNOWN).count();
    }

    /** Nothing is lost without a word, nothing is there twice, both verdicts hold. */
    public boolean isAsPromised() {
        return bytesLostSilently() == 0
                && linesLostSilently() == 0
                && bytesTwice() == 0
                && linesTwice() == 0
                && wrong().isEmpty()
                && verified;
    }
}
