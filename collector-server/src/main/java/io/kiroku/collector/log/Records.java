package io.kiroku.collector.log;

import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;

/** The store's records, from which a log can be made again. */
@FunctionalInterface
public interface Records {
    /**
     * Gives the headers of all records from that number on, in the order of the numbers. One that is damaged is left out.
     *
     * @param number of the first, from 1
     */
    void from(long number, Sink sink) throws IOException;

    /** Those of a store. */
    static Records of(StoreReader store) {
        return (number, sink) ->
                store.headers(number, (stored, header) -> sink.take(stored, Octets.take(header, header.remaining())));
    }

    /** Takes a record. */
    @FunctionalInterface
    interface Sink {
        void take(long number, Octets header) throws IOException;
    }
}
