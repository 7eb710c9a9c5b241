package io.kiroku.systemtests.lines;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What came of the numbers that a log's lines begin with. They are followed for standard output and standard error each by
 * itself. The parts of a line that was cut count as one line; between them the other stream's lines may lie. A runtime cuts
 * what it has of a line when it reopens the log, which may be half a number.
 *
 * @param lines whose number was read
 * @param missing numbers below the highest that never came
 * @param repeated lines whose number came before
 * @param displaced lines whose number did not come before, but a higher one did: they are out of order
 * @param foreign lines that are none of a container's log, or begin with no number
 */
public record LineAudit(long lines, long missing, long repeated, long displaced, long foreign) {
    /** Of no line. */
    public static final LineAudit NONE = new LineAudit(0, 0, 0, 0, 0);

    /** Every line is there, each once and in its place. */
    public boolean isWhole() {
        return missing == 0 && repeated == 0 && displaced == 0 && foreign == 0;
    }

    /** Together with those of another log. */
    public LineAudit plus(LineAudit other) {
        return new LineAudit(
                lines + other.lines,
                missing + other.missing,
                repeated + other.repeated,
                displaced + other.displaced,
                foreign + other.foreign);
    }

    /** Reads a log to its end. It is not closed. */
    public static LineAudit of(InputStream log) throws IOException {
        Reading reading = new Reading();
        byte[] buffer = new byte[64 << 10];
        for (int length = log.read(buffer); length >= 0; length = log.read(buffer)) {
            reading.take(buffer, length);
        }
        return reading.audit();
    }

    /** What is known of one of the two outputs. */
    private static final class Output {
        private final BitSet seen = new BitSet();
        private boolean inParts;

        /** The line under way has shown nothing but digits yet; their value. */
        private boolean inNumber;

        private long number;

        private int missing() {
            return seen.length() - seen.cardinality();
        }
    }

    /** What is known in the middle of a log. */
    private static final class Reading {
        /** No line has more bytes up to its number's end: time, stream, tag and number. */
        private static final int MOST_START = 80;

        private static final int MOST_NUMBER = Integer.MAX_VALUE - 1;

        private static final byte[] STDOUT = "stdout".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] STDERR = "stderr".getBytes(StandardCharsets.US_ASCII);

        private final byte[] start = new byte[MOST_START];
        private final Output out = new Output();
        private final Output err = new Output();
        private int length;
        private long lines;
        private long repeated;
        private long displaced;
        private long foreign;

        private void take(byte[] bytes, int count) {
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    line();
                    length = 0;
                } else if (length < MOST_START) {
                    start[length++] = bytes[i];
                }
            }
        }

        private LineAudit audit() {
            for (Output output : List.of(out, err)) {
                if (output.inNumber) {
                    numbered(output);
                    output.inNumber = false;
                }
            }
            // A runtime ends every line of the file, whatever the container wrote.
            return new LineAudit(
                    lines, (long) out.missing() + err.missing(), repeated, displaced, foreign + (length > 0 ? 1 : 0));
        }

        private void line() {
            int stream = indexOf(' ', 0) + 1;
            int tag = indexOf(' ', stream) + 1;
            int content = indexOf(' ', tag) + 1;
            if (stream == 0 || tag == 0 || content == 0) {
                foreign++;
            } else if (Arrays.equals(start, stream, tag - 1, STDOUT, 0, STDOUT.length)) {
                part(out, start[tag], content);
            } else if (Arrays.equals(start, stream, tag - 1, STDERR, 0, STDERR.length)) {
                part(err, start[tag], content);
            } else {
                foreign++;
            }
        }

        /** Only where a line begins is its number. */
        private void part(Output output, byte tag, int content) {
            if (!output.inParts) {
                output.inNumber = true;
                output.number = -1;
            }
            output.inParts = tag == 'P';
            if (output.inNumber) {
                int end = digits(output, content);
                output.inNumber = output.inParts && end == length && end < MOST_START;
                if (!output.inNumber) {
                    numbered(output);
                }
            }
        }

        /** Takes the decimal digits from there on. Returns the index behind them. */
        private int digits(Output output, int from) {
            int at = from;
            while (at < length && start[at] >= '0' && start[at] <= '9' && output.number <= MOST_NUMBER) {
                output.number = Math.max(output.number, 0) * 10 + (start[at++] - '0');
            }
            return at;
        }

        private void numbered(Output output) {
            if (output.number < 0 || output.number > MOST_NUMBER) {
                foreign++;
                return;
            }
            int number = (int) output.number;
            lines++;
            if (output.seen.get(number)) {
                repeated++;
            } else if (number < output.seen.length()) {
                displaced++;
            }
            output.seen.set(number);
        }

        private int indexOf(char wanted, int from) {
            for (int i = from; i < length; i++) {
                if (start[i] == wanted) {
                    return i;
                }
            }
            return -1;
        }
    }
}
