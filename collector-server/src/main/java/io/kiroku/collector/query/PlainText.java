package io.kiroku.collector.query;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The lines of a file that has no format known here. A line's time is when the segment with its beginning was sealed. */
final class PlainText implements LogText {
    private final LineOutput out;
    private boolean inLine;
    private boolean leavingOut;

    PlainText(LineOutput out) {
        this.out = out;
    }

    @Override
    public void bytes(byte[] bytes, int from, int to, long sealedNanos) throws IOException {
        int at = from;
        if (leavingOut) {
            at = endOfLine(bytes, from, to);
            leavingOut = at == to && (to == from || bytes[to - 1] != '\n');
        }
        if (!inLine && out.isTransparent()) {
            out.pass(bytes, at, to);
            return;
        }
        byte[] time = Sources.instant(sealedNanos).toString().getBytes(StandardCharsets.US_ASCII);
        while (at < to) {
            int end = endOfLine(bytes, at, to);
            boolean ended = bytes[end - 1] == '\n';
            if (!inLine) {
                out.begin(LineOutput.OTHER, sealedNanos, time, 0, time.length);
            }
            out.content(LineOutput.OTHER, bytes, at, ended ? end - 1 : end);
            if (ended) {
                out.end(LineOutput.OTHER);
            }
            inLine = !ended;
            at = end;
        }
    }

    /** Index behind the next newline, or {@code to} if there is none. */
    private static int endOfLine(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return to;
    }

    @Override
    public void beginInsideLine() {
        leavingOut = true;
    }

    @Override
    public void broken() {
        // What comes after the gap continues on the same line of the output: where a line ended, nobody knows.
    }

    @Override
    public void finish() {
        inLine = false;
    }
}
