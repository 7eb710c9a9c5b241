package io.kiroku.collector.query;

/**
 * The head of a line as container runtimes write it into a log file (Kubernetes' CRI log format):
 * {@code <RFC3339Nano> <stdout|stderr> <P|F>[:tag...] <content>}. One of these is used for line after line.
 */
final class CriLine {
    /** No head is longer, in bytes; the tags that may follow {@code P} or {@code F} have a colon and no known bound. */
    static final int MOST_HEAD = 256;

    static final int STDOUT = 0;
    static final int STDERR = 1;

    private static final int MOST_TIME = 35;
    private static final int STREAM_LENGTH = 6;

    private int timeFrom;
    private int timeTo;
    private long nanos;
    private int stream;
    private boolean partial;
    private int contentFrom;

    /**
     * Reads the head of the line that begins there. False if these bytes are no such head, or not yet: of
     * {@link #MOST_HEAD} bytes, or of a whole line, it is certain.
     */
    boolean parse(byte[] bytes, int from, int to) {
        int space = indexOfSpace(bytes, from, Math.min(to, from + MOST_TIME + 1));
        if (space < 0) {
            return false;
        }
        int tag = space + 1 + STREAM_LENGTH + 1;
        if (tag >= to || !readStream(bytes, space + 1)) {
            return false;
        }
        int end = indexOfSpace(bytes, tag, Math.min(to, from + MOST_HEAD));
        if (end < 0 || (bytes[tag] != 'P' && bytes[tag] != 'F') || (end > tag + 1 && bytes[tag + 1] != ':')) {
            return false;
        }
        nanos = Rfc3339.parse(bytes, from, space);
        timeFrom = from;
        timeTo = space;
        partial = bytes[tag] == 'P';
        contentFrom = end + 1;
        return nanos != Rfc3339.NONE;
    }

    private boolean readStream(byte[] bytes, int at) {
        if (bytes[at] != 's' || bytes[at + 1] != 't' || bytes[at + 2] != 'd' || bytes[at + STREAM_LENGTH] != ' ') {
            return false;
        }
        if (bytes[at + 3] == 'o' && bytes[at + 4] == 'u' && bytes[at + 5] == 't') {
            stream = STDOUT;
            return true;
        }
        stream = STDERR;
        return bytes[at + 3] == 'e' && bytes[at + 4] == 'r' && bytes[at + 5] == 'r';
    }

    private static int indexOfSpace(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == ' ') {
                return i;
            }
        }
        return -1;
    }

    /** Index of the time's first byte. */
    int timeFrom() {
        return timeFrom;
    }

    /** Index behind the time. */
    int timeTo() {
        return timeTo;
    }

    /** The time, in nanoseconds since the Unix epoch. */
    long nanos() {
        return nanos;
    }

    /** {@link #STDOUT} or {@link #STDERR}. */
    int stream() {
        return stream;
    }

    /** Whether the content goes on in a later line of the same stream. */
    boolean partial() {
        return partial;
    }

    /** Index of the content's first byte. */
    int contentFrom() {
        return contentFrom;
    }
}
