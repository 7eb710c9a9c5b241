package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/** Joins the records of calls, in the order in which the calls began. Keeps the newest; of the others it counts how many. */
final class CustodyCalls {
    /** Calls that are kept. */
    static final int MOST = 10_000;

    private final CustodyRequest request;
    private final SequencedMap<String, CustodyCall> calls = new LinkedHashMap<>();

    /** Those of which records were left beside the collector: it may have taken one twice. */
    private final Set<String> offline = new HashSet<>();

    private long alone;
    private long leftOut;

    CustodyCalls(CustodyRequest request) {
        this.request = request;
    }

    void add(CustodyRecord record) {
        if (record.voucher().equals(PendingRecords.VOUCHER) && !offline.add(record.call() + " " + record.stage())) {
            return;
        }
        CustodyCall begun = record.call().isEmpty() ? null : calls.get(record.call());
        if (begun != null) {
            calls.put(record.call(), begun.endedBy(record));
        } else if (request.includes(record) && (record.stage() == CustodyRecord.Stage.BEGUN || standsAlone(record))) {
            String key = record.call().isEmpty() ? "alone " + alone++ : record.call();
            calls.put(key, CustodyCall.of(record));
            if (calls.size() > MOST) {
                calls.pollFirstEntry();
                leftOut++;
            }
        }
    }

    /** A call that was refused, and what the collector says of itself, has no beginning on record. */
    private static boolean standsAlone(CustodyRecord record) {
        return record.call().isEmpty() || record.outcome() == CustodyRecord.Outcome.REFUSED;
    }

    List<CustodyCall> calls() {
        return List.copyOf(calls.values());
    }

    /** How many older ones were asked for as well. */
    long leftOut() {
        return leftOut;
    }
}
