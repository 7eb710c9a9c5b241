package io.kiroku.collector.export;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.bundle.Pieces;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the segments of the collector's custody logs with the calls that concern what is selected. Each verifies by itself, so
 * they are taken in pieces, and what is between them stays with the collector: it is of other evidence. Grows with the number of
 * segments of custody logs. For use by one thread.
 */
final class CustodyExtract {
    /** Pieces at most: with more, the smallest holes between them are taken as well. */
    private static final int MOST_PIECES = 5_000;

    /** What is known of one custody log. */
    private static final class Log {
        private final List<SegmentRuns.Kept> all = new ArrayList<>();
        private final Set<Long> taken = new HashSet<>();
        private final Set<Long> unreadable = new HashSet<>();
    }

    private final StoreReader store;
    private final CustodyMatch match;
    private final TreeReader tree;
    private final SegmentCheck check = new SegmentCheck();
    private final SortedMap<String, Log> logs = new TreeMap<>();

    /** In which segment a call began of which the end has not come. */
    private final Map<String, Runnable> begun = new HashMap<>();

    /** @param tree of the log that the bundle rests on: what it has not is not taken */
    CustodyExtract(StoreReader store, CustodyMatch match, TreeReader tree) {
        this.store = store;
        this.match = match;
        this.tree = tree;
    }

    /** Takes a stored segment of any stream; those of one stream in the order in which they are stored. */
    void add(CatalogueEntry entry) {
        if (entry.number() > tree.size() || !Pieces.isCustody(entry.entries())) {
            return;
        }
        Octets stream = entry.header().stream();
        long sequence = entry.header().sequence();
        Log log = logs.computeIfAbsent(stream.toString(), _ -> new Log());
        if (!log.all.isEmpty() && log.all.getLast().sequence() >= sequence) {
            return;
        }
        log.all.add(new SegmentRuns.Kept(stream, sequence, entry.number(), entry.place()));
        try {
            Segment segment = store.read(entry.place());
            Octets header =
                    Octets.take(segment.headerBytes(), segment.headerBytes().remaining());
            boolean isLogged = tree.leafHash(entry.number() - 1).equals(MerkleTree.leafHash(header));
            if (isLogged && check.check(segment) instanceof SegmentCheck.Outcome.Sound sound) {
                records(log, sequence, sound.log());
            } else {
                log.unreadable.add(sequence);
            }
        } catch (MalformedException damaged) {
            log.unreadable.add(sequence);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void records(Log log, long sequence, ByteBuffer lines) {
        byte[] bytes = new byte[lines.remaining()];
        lines.get(bytes);
        new String(bytes, StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                record(log, sequence, CustodyRecord.read(line));
            } catch (IOException noRecord) {
                // Another version's, or nobody's: what it says is not known.
                log.taken.add(sequence);
            }
        });
    }

    /** Both records of a call are taken, if one of them concerns the selection. */
    private void record(Log log, long sequence, CustodyRecord record) {
        boolean concerns = match.concerns(record);
        if (concerns) {
            log.taken.add(sequence);
        }
        if (!record.call().isEmpty()) {
            Runnable beginning = begun.remove(record.call());
            if (beginning != null && concerns) {
                beginning.run();
            } else if (record.stage() == CustodyRecord.Stage.BEGUN) {
                begun.put(record.call(), () -> log.taken.add(sequence));
            }
        }
    }

    /** How many segments of custody logs could not be read, or are not what the log has, and so are not looked into. */
    long unreadable() {
        return logs.values().stream().mapToLong(log -> log.unreadable.size()).sum();
    }

    /**
     * The pieces of each custody log that has one.
     *
     * @param selected segments that are in the bundle anyhow
     */
    SortedMap<String, List<List<SegmentRuns.Kept>>> pieces(List<List<SegmentRuns.Kept>> selected) {
        for (List<SegmentRuns.Kept> run : selected) {
            Log log = logs.get(run.getFirst().stream().toString());
            if (log != null) {
                run.forEach(kept -> log.taken.add(kept.sequence()));
            }
        }
        SortedMap<String, List<List<SegmentRuns.Kept>>> pieces = pieces(0);
        for (int hole = 1; count(pieces) > MOST_PIECES && hole < 1 << 30; hole *= 2) {
            pieces = pieces(hole);
        }
        return pieces;
    }

    private static int count(SortedMap<String, List<List<SegmentRuns.Kept>>> pieces) {
        return pieces.values().stream().mapToInt(List::size).sum();
    }

    private SortedMap<String, List<List<SegmentRuns.Kept>>> pieces(int hole) {
        SortedMap<String, List<List<SegmentRuns.Kept>>> pieces = new TreeMap<>();
        logs.forEach((stream, log) -> {
            if (!log.taken.isEmpty()) {
                pieces.put(stream, pieces(log, hole));
            }
        });
        return pieces;
    }

    private static List<List<SegmentRuns.Kept>> pieces(Log log, int hole) {
        List<List<SegmentRuns.Kept>> pieces = new ArrayList<>();
        List<SegmentRuns.Kept> between = new ArrayList<>();
        for (SegmentRuns.Kept kept : log.all) {
            if (!log.taken.contains(kept.sequence())) {
                between.add(kept);
                continue;
            }
            boolean isNew = pieces.isEmpty()
                    || between.size() > hole
                    || between.stream().anyMatch(one -> log.unreadable.contains(one.sequence()));
            if (isNew) {
                pieces.add(new ArrayList<>());
            } else {
                pieces.getLast().addAll(between);
            }
            pieces.getLast().add(kept);
            between.clear();
        }
        return pieces;
    }
}
