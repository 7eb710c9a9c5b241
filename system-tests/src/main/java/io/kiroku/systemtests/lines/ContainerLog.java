package io.kiroku.systemtests.lines;

import io.kiroku.cli.demo.CriFormat;
import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.StdStream;
import java.nio.ByteBuffer;

/** The log file of a container that writes such lines as services write, as containerd lays them out. */
public final class ContainerLog {
    private static final long FIRST_LINE_NANOS = 1_795_430_400_000_000_000L;
    private static final long LINE_NANOS = 137_000;

    private final LogLines lines;
    private final CriFormat format = new CriFormat();
    private final ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
    private long wallNanos;

    /** @param seed the same log for the same seed */
    public ContainerLog(long seed) {
        this.lines = new LogLines(seed);
        this.wallNanos = FIRST_LINE_NANOS + seed;
    }

    /** The most that {@link #append} appends, in bytes. */
    public static int roomForLine() {
        return CriFormat.roomFor(LogLines.MOST_LINE);
    }

    /** Appends the next line that the container wrote. Returns how many lines of the file that is: long ones are cut. */
    public int append(ByteBuffer out) {
        StdStream stream = lines.next(line.clear());
        int parts = Math.max(1, Math.ceilDiv(line.flip().remaining(), CriFormat.MOST_PART));
        wallNanos += LINE_NANOS;
        format.append(out, wallNanos, stream, line, true);
        return parts;
    }

    /** The next bytes of the log, just so many: the last line may be cut, as a reader finds it that comes in between. */
    public byte[] next(int length) {
        ByteBuffer out = ByteBuffer.allocate(length + roomForLine());
        while (out.position() < length) {
            append(out);
        }
        byte[] bytes = new byte[length];
        out.get(0, bytes);
        return bytes;
    }
}
