package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.List;

/**
 * A log file as it is rebuilt in a bundle: all bytes of one source that the bundle's segments hold, file after file by
 * their ids, each in the order in which it was captured. So rotations are joined.
 *
 * @param name in the bundle
 * @param stream that captured it
 * @param source the path on the node
 * @param runs what the file consists of, one behind the other
 */
public record LogFile(String name, Octets stream, FilePath source, List<Run> runs) {
    /**
     * Bytes that follow each other in one file of the node.
     *
     * @param file its id in the stream, from 1
     * @param from the first byte's offset in it
     * @param to behind the last, above {@code from}
     */
    public record Run(int file, long from, long to) {
        long length() {
            return to - from;
        }
    }

    public LogFile {
        runs = List.copyOf(runs);
    }

    /** What it is the log of. */
    LogSource from() {
        return new LogSource(stream, source);
    }

    /** Its length in bytes. */
    public long length() {
        return runs.stream().mapToLong(Run::length).sum();
    }
}
