package io.kiroku.collector.query;

import java.io.IOException;

/** Where a query's answer goes: a terminal, a connection. */
public interface LogOutput {
    /** Log bytes. The array belongs to the caller again afterwards. */
    void bytes(byte[] from, int offset, int length) throws IOException;

    /** One sentence beside the log, for people: what is missing, what was chosen. Never part of the log bytes. */
    void note(String sentence) throws IOException;

    /** All that was given so far is to be seen now. */
    void flush() throws IOException;

    /** False once nobody takes the answer any more. */
    boolean isOpen();
}
