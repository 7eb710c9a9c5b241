package io.kiroku.systemtests.peers;

import java.io.IOException;

/** Cuts what a peer sends into records. */
public interface Protocol {
    /** Takes records. */
    interface Records {
        /**
         * One record; the array is reused afterwards.
         *
         * @param nanos when its last byte had come: {@link System#nanoTime}
         */
        void take(byte[] bytes, int from, int to, long nanos);
    }

    /**
     * Hands over the records at the beginning of the bytes, as many as are whole.
     *
     * @return how many bytes that were
     * @throws IOException if the bytes are none of this protocol
     */
    int cut(byte[] bytes, int length, long nanos, Records to) throws IOException;

    /** Lines that end with a newline; empty ones are no records. */
    Protocol LINES = (bytes, length, nanos, to) -> {
        int start = 0;
        for (int at = 0; at < length; at++) {
            if (bytes[at] == '\n') {
                if (at > start) {
                    to.take(bytes, start, at, nanos);
                }
                start = at + 1;
            }
        }
        return start;
    };
}
