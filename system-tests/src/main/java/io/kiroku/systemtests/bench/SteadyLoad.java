package io.kiroku.systemtests.bench;

import io.kiroku.cli.demo.CriFormat;
import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.StdStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Numbered lines at a steady rate, turn and turn about into many files, by one thread: each line is one write, as
 * containerd does it. A pause of the thread is made up for at once.
 */
final class SteadyLoad implements AutoCloseable {
    /** A sleep this long at least: what falls due meanwhile is written in one go. */
    private static final long LEAST_PAUSE_NANOS = 1_000_000;

    private final List<Path> files = new ArrayList<>();
    private final List<FileChannel> channels = new ArrayList<>();
    private final long[] ends;
    private final LogLines source;
    private final CriFormat format = new CriFormat();
    private final ByteBuffer text = ByteBuffer.allocate(LineNumber.LENGTH + LogLines.MOST_LINE);
    private final ByteBuffer line = ByteBuffer.allocate(CriFormat.roomFor(text.capacity()));
    private final Writes writes = new Writes();
    private final long wallNanosAtZero = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
    private long behindNanos;

    /** Makes the files, each with a line in it that has no number. */
    SteadyLoad(Path podLogs, int count, long seed) throws IOException {
        this.source = new LogLines(seed);
        this.ends = new long[count];
        for (int i = 0; i < count; i++) {
            Path file = Corpus.file(podLogs, i, 0, seed);
            Files.createDirectories(file.getParent());
            files.add(file);
            channels.add(FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
            write(i, ByteBuffer.wrap("started".getBytes(StandardCharsets.UTF_8)), StdStream.STDOUT);
        }
    }

    List<Path> files() {
        return List.copyOf(files);
    }

    /** Bytes in all files; not while it writes. */
    long bytes() {
        long sum = 0;
        for (long end : ends) {
            sum += end;
        }
        return sum;
    }

    /** What was written with a number; not while it writes. */
    Writes writes() {
        return writes;
    }

    /** The most that a line was written after it was due. */
    long behindNanos() {
        return behindNanos;
    }

    /** Writes so many lines a second for that time. */
    void write(int linesPerSecond, Duration time) throws IOException {
        long total = linesPerSecond * time.toSeconds();
        long start = System.nanoTime();
        for (long number = 0; number < total; number++) {
            long due = start + (long) (number * 1e9 / linesPerSecond);
            long now = System.nanoTime();
            if (due - now > 0) {
                LockSupport.parkNanos(Math.max(due - now, LEAST_PAUSE_NANOS));
                now = System.nanoTime();
            }
            behindNanos = Math.max(behindNanos, now - due);
            int file = (int) (number % channels.size());
            StdStream stream = next(number);
            long before = System.nanoTime();
            write(file, text, stream);
            writes.add(file, ends[file], before);
        }
    }

    /** Puts the next line that is one line of the file as well into {@link #text}. */
    private StdStream next(long number) {
        while (true) {
            text.clear();
            LineNumber.put(text, number);
            StdStream stream = source.next(text);
            text.flip();
            if (text.remaining() <= CriFormat.MOST_PART) {
                return stream;
            }
        }
    }

    private void write(int file, ByteBuffer content, StdStream stream) throws IOException {
        format.append(line.clear(), wallNanos(), stream, content, true);
        line.flip();
        ends[file] += line.remaining();
        while (line.hasRemaining()) {
            channels.get(file).write(line);
        }
    }

    /** Every line's own, to the nanosecond, as a runtime stamps them. */
    private long wallNanos() {
        return wallNanosAtZero + System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
