package io.kiroku.systemtests.lines;

import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.StdStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Lines such as services write, each behind its number: {@code <number> <line>}, counted from 0 for standard output and
 * standard error each by itself. For one writer.
 */
public final class NumberedLines implements PacedWriter.Lines {
    private static final int MOST_DIGITS = 20;

    private final LogLines lines;
    private final ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
    private long nextOut;
    private long nextErr;

    /** @param seed the same lines for the same seed */
    public NumberedLines(long seed) {
        this.lines = new LogLines(seed);
    }

    @Override
    public StdStream next(ByteBuffer out) {
        StdStream stream = lines.next(line.clear());
        number(out, stream == StdStream.STDOUT ? nextOut++ : nextErr++);
        out.put((byte) ' ');
        // A line that is almost as long as any may be gives up its end for the number before it.
        line.flip().limit(Math.min(line.limit(), LogLines.MOST_LINE - MOST_DIGITS));
        out.put(line);
        return stream;
    }

    /** How many there were. To be asked once its writer has ended. */
    public long count() {
        return nextOut + nextErr;
    }

    private static void number(ByteBuffer out, long number) {
        for (byte digit : Long.toString(number).getBytes(StandardCharsets.US_ASCII)) {
            out.put(digit);
        }
    }
}
