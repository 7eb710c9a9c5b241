package io.kiroku.collector.query;

import java.io.IOException;
import java.util.Arrays;

/**
 * The lines that a container wrote, from its log file: heads taken off, the parts of long lines joined again, for each of
 * the two outputs by itself because their lines come in between each other. A line that is in no such format is passed on
 * as it is; so is what a file ends with, finished or not. Memory is bounded: of a line longer than {@link #MOST_JOINED}
 * the parts are passed on as they come.
 */
final class CriText implements LogText {
    /** No more bytes of a line are held back until its end. */
    static final int MOST_JOINED = 16 << 20;

    /** A buffer larger than this is given up after use. */
    private static final int MOST_KEPT = 1 << 20;

    /** What the next byte belongs to. */
    private enum At {
        HEAD,
        CONTENT,
        OTHER_LINE,
        LEFT_OUT_LINE
    }

    /** A line of one of the outputs whose end has not come yet. */
    private final class Joined {
        private final int writer;
        private byte[] buffer = new byte[0];
        private int length;
        private byte[] time = new byte[0];
        private long nanos;
        private boolean open;
        private boolean begun;

        private Joined(int writer) {
            this.writer = writer;
        }

        private void open(byte[] bytes, CriLine line) {
            open = true;
            begun = false;
            time = Arrays.copyOfRange(bytes, line.timeFrom(), line.timeTo());
            nanos = line.nanos();
        }

        private void append(byte[] bytes, int from, int to) throws IOException {
            if (length + (to - from) > MOST_JOINED) {
                spill();
                out.content(writer, bytes, from, to);
                return;
            }
            if (length + (to - from) > buffer.length) {
                buffer =
                        Arrays.copyOf(buffer, Math.max(length + (to - from), Math.min(MOST_JOINED, 2 * buffer.length)));
            }
            System.arraycopy(bytes, from, buffer, length, to - from);
            length += to - from;
        }

        private void spill() throws IOException {
            if (!begun) {
                out.begin(writer, nanos, time, 0, time.length);
                begun = true;
            }
            out.content(writer, buffer, 0, length);
            length = 0;
            if (buffer.length > MOST_KEPT) {
                buffer = new byte[0];
            }
        }

        private void close(boolean ended) throws IOException {
            if (!open) {
                return;
            }
            spill();
            if (ended) {
                out.end(writer);
            }
            open = false;
        }
    }

    private final LineOutput out;
    private final CriLine line = new CriLine();
    private final Joined[] joined = {new Joined(CriLine.STDOUT), new Joined(CriLine.STDERR)};
    private final byte[] head = new byte[CriLine.MOST_HEAD];
    private int headLength;
    private At at = At.HEAD;
    private int stream;
    private boolean partial;
    private long nanos = Long.MIN_VALUE;

    CriText(LineOutput out) {
        this.out = out;
    }

    @Override
    public void bytes(byte[] bytes, int from, int to, long sealedNanos) throws IOException {
        int i = from;
        while (i < to) {
            int newline = indexOfNewline(bytes, i, to);
            int end = newline < 0 ? to : newline;
            if (at == At.HEAD && headLength == 0 && newline >= 0) {
                wholeLine(bytes, i, newline);
            } else {
                part(bytes, i, end);
                if (newline >= 0) {
                    lineEnds();
                }
            }
            i = end + 1;
        }
    }

    /** The case of nearly all lines: nothing was held back of it, and it ends in these bytes. */
    private void wholeLine(byte[] bytes, int from, int to) throws IOException {
        if (!line.parse(bytes, from, to)) {
            out.begin(LineOutput.OTHER, nanos, bytes, from, from);
            out.content(LineOutput.OTHER, bytes, from, to);
            out.end(LineOutput.OTHER);
            return;
        }
        nanos = line.nanos();
        Joined open = joined[line.stream()];
        if (line.partial() || open.open) {
            if (!open.open) {
                open.open(bytes, line);
            }
            open.append(bytes, line.contentFrom(), to);
            if (!line.partial()) {
                open.close(true);
            }
        } else {
            out.begin(line.stream(), nanos, bytes, line.timeFrom(), line.timeTo());
            out.content(line.stream(), bytes, line.contentFrom(), to);
            out.end(line.stream());
        }
    }

    /** A part of a line that did not begin in these bytes, or does not end in them. */
    private void part(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        if (at == At.HEAD) {
            int taken = Math.min(to - i, head.length - headLength);
            System.arraycopy(bytes, i, head, headLength, taken);
            headLength += taken;
            i += taken;
            if (headLength == head.length) {
                headIsComplete();
            }
        }
        switch (at) {
            case CONTENT -> joined[stream].append(bytes, i, to);
            case OTHER_LINE -> out.content(LineOutput.OTHER, bytes, i, to);
            case HEAD, LEFT_OUT_LINE -> {}
        }
    }

    private void headIsComplete() throws IOException {
        if (line.parse(head, 0, headLength)) {
            nanos = line.nanos();
            stream = line.stream();
            partial = line.partial();
            at = At.CONTENT;
            if (!joined[stream].open) {
                joined[stream].open(head, line);
            }
            joined[stream].append(head, line.contentFrom(), headLength);
        } else {
            at = At.OTHER_LINE;
            out.begin(LineOutput.OTHER, nanos, head, 0, 0);
            out.content(LineOutput.OTHER, head, 0, headLength);
        }
        headLength = 0;
    }

    private void lineEnds() throws IOException {
        if (at == At.HEAD) {
            headIsComplete();
        }
        if (at == At.CONTENT && !partial) {
            joined[stream].close(true);
        } else if (at == At.OTHER_LINE) {
            out.end(LineOutput.OTHER);
        }
        at = At.HEAD;
    }

    @Override
    public void beginInsideLine() {
        at = At.LEFT_OUT_LINE;
    }

    @Override
    public void broken() throws IOException {
        if (at == At.CONTENT || at == At.OTHER_LINE || headLength > 0) {
            lineEnds();
        }
    }

    @Override
    public void finish() throws IOException {
        if (headLength > 0) {
            headIsComplete();
        }
        joined[CriLine.STDOUT].close(false);
        joined[CriLine.STDERR].close(false);
        at = At.HEAD;
    }

    private static int indexOfNewline(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
