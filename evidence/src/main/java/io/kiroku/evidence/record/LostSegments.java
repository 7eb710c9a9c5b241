package io.kiroku.evidence.record;

import io.kiroku.evidence.record.FileTable.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one stream that are missing where it is read, held against what later segments declare to be lost of
 * them. Takes the stream's segments in their order; what is declared lost and was there says nothing.
 *
 * <p>Memory is bounded: so many stretches of missing segments are held open until they are declared; one more settles the
 * oldest as it is. What is declared of one stretch is kept up to a number of files.
 */
public final class LostSegments {
    /** Stretches of missing segments that wait for their declaration. */
    static final int MOST_OPEN = 64;

    /** Ranges of bytes kept of one stretch; those beyond count as not declared. */
    static final int MOST_RANGES = 100_000;

    /** Segments {@code first} to {@code last}. */
    public record Range(long first, long last) {}

    /**
     * A declared loss.
     *
     * @param sequence of the segment that declares it
     */
    public record Declared(long sequence, Entry.SegmentGap gap) {}

    /**
     * What became of a stretch of missing segments.
     *
     * @param losses what is declared to have been lost in them, no byte twice, and whose it was if that shows; one of no bytes if
     *     that is all
     * @param undeclared those of them that no segment declares lost
     * @param problems what moved across them and is accounted for by no declaration
     */
    public record Settled(
            long first, long last, List<Declared> losses, List<Range> undeclared, List<Problem> problems) {}

    private final Deque<Stretch> open = new ArrayDeque<>();

    /**
     * Segments are missing before the next one. If that one restates, the table takes in what it restates.
     *
     * @param first the first that is missing
     * @param last the last
     * @param files the stream's files before them
     * @param entries of the segment behind them
     * @param restates whether that one restates
     */
    public void missing(long first, long last, FileTable files, List<Entry> entries, boolean restates) {
        Stretch stretch = new Stretch(first, last, files);
        if (restates) {
            stretch.moved = files.rejoin(entries);
        }
        open.add(stretch);
    }

    /**
     * Takes in what the next segment declares lost.
     *
     * @return the stretches of which all is declared now, and the oldest if there are too many: they are done with
     */
    public List<Settled> declare(long sequence, List<Entry> entries) {
        if (open.isEmpty()) {
            return List.of();
        }
        for (Entry entry : entries) {
            if (entry instanceof Entry.SegmentGap gap) {
                open.forEach(stretch -> stretch.declare(sequence, gap));
            }
        }
        List<Settled> settled = new ArrayList<>();
        while (open.size() > MOST_OPEN) {
            settled.add(open.remove().settle());
        }
        for (Iterator<Stretch> stretches = open.iterator(); stretches.hasNext(); ) {
            Stretch stretch = stretches.next();
            if (stretch.isDeclared()) {
                settled.add(stretch.settle());
                stretches.remove();
            }
        }
        return settled;
    }

    /** Missing segments that nobody has declared lost yet, so many stretches of them at most, in their order. */
    public List<Range> undeclared(int most) {
        return open.stream()
                .flatMap(stretch -> stretch.undeclared().stream())
                .limit(most)
                .toList();
    }

    /** The stretches that still wait for a declaration, as they stand if none comes. */
    public List<Settled> open() {
        return open.stream().map(Stretch::settle).toList();
    }

    /** One stretch of missing segments. */
    private static final class Stretch {
        private final long first;
        private final long last;

        /** Where the followed files stood before it. Of the others, those with an id below the lowest new had ended. */
        private final Map<Integer, Long> offsets = new HashMap<>();

        private final int lowestNew;
        private List<Problem> moved = List.of();

        /** First to last of each run of declared segments. */
        private final NavigableMap<Long, Long> declared = new TreeMap<>();

        /** By file and offset. */
        private final Map<Integer, NavigableMap<Long, Declared>> ranges = new TreeMap<>();

        private final List<Declared> unnamed = new ArrayList<>();
        private @Nullable Declared latest;
        private int kept;

        private Stretch(long first, long last, FileTable files) {
            this.first = first;
            this.last = last;
            this.lowestNew = files.lowestNew();
            files.followed().forEach((id, file) -> offsets.put(id, file.offset()));
        }

        private boolean isDeclared() {
            Map.Entry<Long, Long> run = declared.floorEntry(first);
            return run != null && run.getValue() >= last;
        }

        private void declare(long sequence, Entry.SegmentGap gap) {
            long from = Math.max(first, gap.first());
            long to = Math.min(last, gap.last());
            if (from > to) {
                return;
            }
            add(from, to);
            Declared here = new Declared(
                    sequence,
                    new Entry.SegmentGap(
                            from,
                            to,
                            gap.cause(),
                            gap.wallNanos(),
                            gap.file(),
                            gap.source(),
                            gap.from(),
                            gap.to(),
                            gap.ended()));
            latest = here;
            if (gap.file() == Entry.NO_FILE) {
                unnamed.removeIf(
                        known -> from <= known.gap().first() && known.gap().last() <= to);
                unnamed.add(here);
            } else if (kept < MOST_RANGES) {
                name(ranges.computeIfAbsent(gap.file(), _ -> new TreeMap<>()), here);
            }
        }

        private void add(long from, long to) {
            long low = from;
            long high = to;
            Map.Entry<Long, Long> run = declared.floorEntry(high + 1);
            while (run != null && run.getValue() >= low - 1) {
                low = Math.min(low, run.getKey());
                high = Math.max(high, run.getValue());
                declared.remove(run.getKey());
                run = declared.floorEntry(high + 1);
            }
            declared.put(low, high);
        }

        private void name(NavigableMap<Long, Declared> ofFile, Declared stated) {
            Map.Entry<Long, Declared> before = ofFile.floorEntry(stated.gap().from());
            if (before != null && covers(before.getValue().gap(), stated.gap())) {
                return;
            }
            kept -= ofFile.size();
            ofFile.tailMap(stated.gap().from(), true).values().removeIf(known -> covers(stated.gap(), known.gap()));
            ofFile.put(stated.gap().from(), stated);
            kept += ofFile.size();
        }

        private static boolean covers(Entry.SegmentGap one, Entry.SegmentGap other) {
            return one.from() <= other.from() && end(one) >= end(other) && (ends(one) || !ends(other));
        }

        private static long end(Entry.SegmentGap gap) {
            return gap.to() == Entry.UNKNOWN ? Long.MAX_VALUE : gap.to();
        }

        private static boolean ends(Entry.SegmentGap gap) {
            return gap.ended() || gap.to() == Entry.UNKNOWN;
        }

        private Settled settle() {
            Account account = new Account();
            ranges.forEach(account::named);
            moved.forEach(account::moved);
            account.unnamed();
            return new Settled(first, last, account.losses, undeclared(), account.problems);
        }

        private List<Range> undeclared() {
            List<Range> undeclared = new ArrayList<>();
            long next = first;
            for (Map.Entry<Long, Long> run : declared.entrySet()) {
                if (run.getKey() > next) {
                    undeclared.add(new Range(next, run.getKey() - 1));
                }
                next = run.getValue() + 1;
            }
            if (next <= last) {
                undeclared.add(new Range(next, last));
            }
            return undeclared;
        }

        private Iterable<Declared> rangesOf(int file) {
            NavigableMap<Long, Declared> ofFile = ranges.get(file);
            return ofFile == null ? List.of() : ofFile.values();
        }

        /** What is declared, held against what moved. */
        private final class Account {
            private final List<Declared> losses = new ArrayList<>();
            private final List<Problem> problems = new ArrayList<>();

            /** Of each statement on files without a name, how many bytes have not been found to be those of a file. */
            private final long[] left =
                    unnamed.stream().mapToLong(stated -> stated.gap().to()).toArray();

            /** Without what was captured: segments may have come although they had been given up. */
            private void named(int file, NavigableMap<Long, Declared> ofFile) {
                Long offset = offsets.get(file);
                if (offset == null && file < lowestNew) {
                    return;
                }
                long at = offset == null ? 0 : offset;
                for (Declared stated : ofFile.values()) {
                    Entry.SegmentGap gap = stated.gap();
                    long from = Math.max(at, gap.from());
                    if (end(gap) > from) {
                        losses.add(new Declared(stated.sequence(), gap.withRange(from, gap.to())));
                        at = end(gap);
                    }
                }
            }

            private void moved(Problem problem) {
                switch (problem) {
                    case Problem.Missing missing ->
                        rest(missing.file(), missing.source(), missing.from(), missing.to());
                    case Problem.Abandoned abandoned -> {
                        long at = rest(abandoned.file(), abandoned.source(), abandoned.from(), Long.MAX_VALUE);
                        if (at != Long.MAX_VALUE && !lose(abandoned.file(), abandoned.source(), at, Entry.UNKNOWN)) {
                            problems.add(new Problem.Abandoned(abandoned.file(), abandoned.source(), at));
                        }
                    }
                    default -> problems.add(problem);
                }
            }

            /**
             * Accounts for what the file's own ranges leave out.
             *
             * @param to where it goes on; {@link Long#MAX_VALUE} if it does not
             * @return where the last range ends; {@link Long#MAX_VALUE} if a range says that nothing comes behind it
             */
            private long rest(int file, FilePath source, long from, long to) {
                long at = from;
                boolean ended = false;
                for (Declared stated : rangesOf(file)) {
                    hole(file, source, at, Math.min(to, stated.gap().from()));
                    at = Math.max(at, end(stated.gap()));
                    ended |= ends(stated.gap());
                }
                if (to != Long.MAX_VALUE) {
                    hole(file, source, at, to);
                }
                return ended ? Long.MAX_VALUE : at;
            }

            private void hole(int file, FilePath source, long from, long to) {
                if (from < to && !lose(file, source, from, to)) {
                    problems.add(new Problem.Missing(file, source, from, to));
                }
            }

            /** Takes bytes for some of those that are stated to be lost without a name, if there are so many. */
            private boolean lose(int file, FilePath source, long from, long to) {
                for (int i = 0; i < left.length; i++) {
                    boolean enough =
                            left[i] == Entry.UNKNOWN || (to == Entry.UNKNOWN ? left[i] > 0 : left[i] >= to - from);
                    if (enough) {
                        left[i] -= left[i] == Entry.UNKNOWN || to == Entry.UNKNOWN ? 0 : to - from;
                        Entry.SegmentGap gap = unnamed.get(i).gap();
                        losses.add(new Declared(
                                unnamed.get(i).sequence(),
                                new Entry.SegmentGap(
                                        gap.first(),
                                        gap.last(),
                                        gap.cause(),
                                        gap.wallNanos(),
                                        file,
                                        source,
                                        from,
                                        to,
                                        false)));
                        return true;
                    }
                }
                return false;
            }

            /** What is left of files without a name; and that segments were lost at all, if no bytes were. */
            private void unnamed() {
                for (int i = 0; i < left.length; i++) {
                    if (left[i] != 0) {
                        Declared stated = unnamed.get(i);
                        losses.add(new Declared(stated.sequence(), stated.gap().withRange(0, left[i])));
                    }
                }
                Declared any = latest;
                if (losses.isEmpty() && any != null) {
                    Entry.SegmentGap gap = any.gap();
                    losses.add(new Declared(
                            any.sequence(),
                            new Entry.SegmentGap(
                                    first, last, gap.cause(), gap.wallNanos(), Entry.NO_FILE, null, 0, 0, false)));
                }
            }
        }
    }
}
