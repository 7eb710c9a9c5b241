package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.store.VolumeScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * When the receipt came for each byte of one agent's files: the store says which segment holds it, and a receipt stands for
 * its segment and all before it. The files were never rotated, so that a path is one file.
 */
final class ReceiptTimes {
    /** Of each file, the segment that holds the bytes up to an offset. */
    private final Map<FilePath, NavigableMap<Long, Long>> segments = new HashMap<>();

    private final Map<Integer, FilePath> sources = new HashMap<>();
    private final NavigableMap<Long, Long> receipts = new TreeMap<>();

    /** Reads a collector's directory. */
    static ReceiptTimes read(Path data, List<FaultProxy.Passed> receipts) throws IOException {
        ReceiptTimes times = new ReceiptTimes();
        for (FaultProxy.Passed passed : receipts) {
            times.receipt(passed.receipt().sequence(), passed.nanos());
        }
        for (Path volume : VolumeScan.volumes(data)) {
            VolumeScan.forEach(volume, 0, times::stored);
        }
        return times;
    }

    private void stored(VolumeScan.Stored stored) {
        try {
            segment(stored.segment().header().sequence(), stored.segment().entries());
        } catch (MalformedException malformed) {
            throw new IllegalStateException("a stored segment whose manifest cannot be read: " + stored, malformed);
        }
    }

    /** A receipt came; the first for a segment counts. */
    void receipt(long sequence, long nanos) {
        receipts.putIfAbsent(sequence, nanos);
    }

    /** A segment of the stream; in their order. */
    void segment(long sequence, List<Entry> entries) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.File file -> sources.put(file.file(), file.source());
                case Entry.Chunk chunk -> chunk(sequence, chunk);
                default -> {}
            }
        }
    }

    private void chunk(long sequence, Entry.Chunk chunk) {
        FilePath source = sources.get(chunk.file());
        if (source == null) {
            throw new IllegalStateException("a chunk of a file that was never declared: " + chunk);
        }
        segments.computeIfAbsent(source, _ -> new TreeMap<>()).putIfAbsent(chunk.to(), sequence);
    }

    /**
     * {@link System#nanoTime} at the receipt for all bytes of the file before that offset.
     *
     * @throws IllegalStateException if they have none
     */
    long nanos(FilePath source, long end) {
        Map.Entry<Long, Long> segment =
                segments.getOrDefault(source, new TreeMap<>()).ceilingEntry(end);
        Map.Entry<Long, Long> receipt = segment == null ? null : receipts.ceilingEntry(segment.getValue());
        if (receipt == null) {
            throw new IllegalStateException("no receipt for byte %d of %s".formatted(end - 1, source));
        }
        return receipt.getValue();
    }
}
