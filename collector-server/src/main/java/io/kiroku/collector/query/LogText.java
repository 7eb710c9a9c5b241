package io.kiroku.collector.query;

import java.io.IOException;

/** Turns the bytes of one source, file after file, into lines for people. */
sealed interface LogText permits CriText, JournalText, PlainText {
    /**
     * More bytes of the source.
     *
     * @param sealedNanos when the segment that holds them was sealed, nanoseconds since the Unix epoch
     */
    void bytes(byte[] bytes, int from, int to, long sealedNanos) throws IOException;

    /** The bytes that come next are not from a line's beginning: all up to the next newline is left out. */
    void beginInsideLine();

    /** Bytes are missing here. */
    void broken() throws IOException;

    /** The source has no more bytes: what is unfinished is shown as it is. */
    void finish() throws IOException;
}
