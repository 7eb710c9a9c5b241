package io.kiroku.collector.custody;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.verify.Report;
import java.util.List;

/**
 * The custody log as the store holds it, and what its verification says.
 *
 * @param calls those that were asked for, in the order in which they began; the newest, if there are too many
 * @param leftOut how many older ones there are
 * @param unreadable lines that are no records
 * @param streams that it consists of, one after the other: another begins when the keys of the one before are gone
 * @param verdict on these streams, each of their segments held to the transparency log
 */
public record CustodyReport(
        List<CustodyCall> calls, long leftOut, long unreadable, List<Octets> streams, Report verdict) {
    /** Copies the lists. */
    public CustodyReport {
        calls = List.copyOf(calls);
        streams = List.copyOf(streams);
    }
}
