package io.kiroku.collector.access;

import java.io.IOException;

/** Takes what is done to the evidence. Called by many threads, none of which may go on before it has returned. */
@FunctionalInterface
public interface CustodySink {
    /**
     * Takes a record. When this returns, it is kept.
     *
     * @throws IOException if it cannot be kept: then what it tells of must not be done
     */
    void take(CustodyRecord record) throws IOException;
}
