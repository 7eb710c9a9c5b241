package io.kiroku.evidence.record;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has said of its files so far: which are followed, and how far each is accounted for. The agent resumes
 * from it, the collector lists sources by it, and verification finds by it what is missing. All three replay the same
 * entries through this one table.
 */
public final class FileTable {
    /** A file that is followed. */
    public static final class Followed {
        private final Entry.File declared;
        private long offset;
        private Fingerprint fingerprint;
        private Entry.@Nullable Position position;

        private Followed(Entry.File declared) {
            this.declared = declared;
            this.offset = declared.offset();
            this.fingerprint = declared.fingerprint();
        }

        public int id() {
            return declared.file();
        }

        public FilePath source() {
            return declared.source();
        }

        /** The name under which the file was last seen. */
        public FilePath path() {
            return declared.path();
        }

        public FileIdentity identity() {
            return declared.identity();
        }

        /** All bytes before this one are captured or covered by gaps. */
        public long offset() {
            return offset;
        }

        public Fingerprint fingerprint() {
            return fingerprint;
        }

        /** The record that reading had come to; null of a file, and where none was read yet. */
        public Entry.@Nullable Position position() {
            return position;
        }
    }

    /** A contradiction between what a stream says now and what it said before. */
    public sealed interface Problem {
        /** Bytes {@code [from, to)} of the file are neither captured nor covered by a gap. */
        record Missing(int file, FilePath source, long from, long to) implements Problem {}

        /** Bytes {@code [from, to)} of the file are accounted for twice. */
        record Repeated(int file, FilePath source, long from, long to) implements Problem {}

        /** The file was never declared, as far as the stream is known. */
        record Undeclared(int file) implements Problem {}

        /** The file is no longer followed, and nothing says that it ended. */
        record Abandoned(int file, FilePath source, long from) implements Problem {}

        /** The file is declared again as another one. */
        record Contradicted(int file, FilePath source) implements Problem {}

        /** The file begins to be followed under an id that the stream has used before. */
        record Reused(int file, FilePath source) implements Problem {}
    }

    /** Undeclared files that are told apart; of those beyond, nothing more is said. */
    private static final int MOST_UNDECLARED = 10_000;

    private final Map<Integer, Followed> followed = new TreeMap<>();
    private final Set<Integer> undeclared = new HashSet<>();

    /** No lower id can be that of a new file in the next segment. */
    private int lowestNew = 1;

    /** Whether every file that the stream follows is in the table: since its beginning, or since it restated them. */
    private boolean complete;

    /** The table of a stream that is read from somewhere on; only once a segment restates, a file can be unknown. */
    public FileTable() {
        this(false);
    }

    private FileTable(boolean complete) {
        this.complete = complete;
    }

    /** The table of a stream that is read from its first segment on. */
    public static FileTable fromTheStart() {
        return new FileTable(true);
    }

    /** The files that are followed now, by id. */
    public Map<Integer, Followed> followed() {
        return followed;
    }

    public @Nullable Followed get(int file) {
        return followed.get(file);
    }

    /** No file that begins in the next segment can have a lower id. */
    public int lowestNew() {
        return lowestNew;
    }

    /**
     * The files that are followed now and of which nothing more comes because the next segment says that the ring was
     * lost, and with it how far they had been read. What they held behind their offset is a loss of unknown length.
     */
    public List<Followed> cutOffBy(List<Entry> next) {
        if (!saysRingLost(next)) {
            return List.of();
        }
        Map<Integer, Followed> cutOff = new TreeMap<>(followed);
        for (Entry entry : next) {
            if (entry instanceof Entry.File file) {
                cutOff.remove(file.file());
            }
        }
        return List.copyOf(cutOff.values());
    }

    /** The loss of what a file held behind its offset when the ring was lost. */
    public static Entry.Gap cutOff(Followed file, long wallNanos) {
        return new Entry.Gap(
                file.id(),
                file.offset(),
                Entry.UNKNOWN,
                Entry.GapCause.RING_LOST,
                wallNanos,
                "the ring was lost; what is still there of the file is captured as another");
    }

    private static boolean saysRingLost(List<Entry> entries) {
        return Entry.Epoch.in(entries)
                .filter(epoch -> epoch.reason() == Entry.EpochReason.RING_LOST)
                .isPresent();
    }

    /**
     * Takes in what a segment restates that stands behind missing segments. The rest of what it says is for
     * {@link #apply}.
     *
     * @return what became of files in the missing segments, as far as it shows: they moved on, began or ended
     */
    public List<Problem> rejoin(List<Entry> restated) {
        List<Problem> problems = new ArrayList<>();
        Set<Integer> before = new TreeSet<>(followed.keySet());
        for (Entry entry : restated) {
            if (entry instanceof Entry.File file) {
                before.remove(file.file());
                declare(file, problems);
            }
        }
        abandon(before, saysRingLost(restated), problems);
        return problems;
    }

    private void abandon(Set<Integer> files, boolean cutOff, List<Problem> problems) {
        for (int file : files) {
            Followed abandoned = followed.remove(file);
            if (abandoned != null && !cutOff) {
                problems.add(new Problem.Abandoned(file, abandoned.source(), abandoned.offset));
            }
        }
    }

    /**
     * Takes in the entries of the stream's next segment.
     *
     * @param restates whether the segment is flagged as stating every followed file
     * @return what contradicts earlier entries, mostly nothing; the table then goes by the newer entry
     */
    public List<Problem> apply(List<Entry> entries, boolean restates) {
        List<Problem> problems = new ArrayList<>();
        Set<Integer> before = restates ? new TreeSet<>(followed.keySet()) : Set.of();
        int nextLowestNew = lowestNew;
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.File file -> {
                    if (restates) {
                        before.remove(file.file());
                    }
                    declare(file, problems);
                    nextLowestNew = Math.max(nextLowestNew, file.file() + 1);
                }
                case Entry.Chunk chunk -> account(chunk.file(), chunk.from(), chunk.to(), restates, problems);
                case Entry.Gap gap -> lose(gap, restates, problems);
                case Entry.Clock _ -> {}
                case Entry.FingerprintTaken taken -> {
                    Followed file = followed.get(taken.file());
                    if (file != null) {
                        file.fingerprint = taken.fingerprint();
                    }
                }
                case Entry.Position position -> {
                    Followed file = followed.get(position.file());
                    if (file != null) {
                        file.position = position;
                    }
                }
                case Entry.Event event -> {
                    if (event.kind() == Entry.EventKind.ENDED) {
                        followed.remove(event.file());
                    }
                }
                case Entry.Epoch epoch -> nextLowestNew = Math.max(nextLowestNew, epoch.nextFile());
                case Entry.SegmentGap _ -> {
                    // What it says is of other segments: see LostSegments.
                }
            }
        }
        abandon(before, saysRingLost(entries), problems);
        lowestNew = nextLowestNew;
        complete |= restates;
        return problems;
    }

    private void declare(Entry.File file, List<Problem> problems) {
        Followed known = followed.get(file.file());
        if (known == null) {
            if (file.file() < lowestNew && complete) {
                problems.add(new Problem.Reused(file.file(), file.source()));
            }
            if (file.offset() > 0 && complete) {
                problems.add(new Problem.Missing(file.file(), file.source(), 0, file.offset()));
            }
            followed.put(file.file(), new Followed(file));
            return;
        }
        if (!known.source().equals(file.source())) {
            problems.add(new Problem.Contradicted(file.file(), known.source()));
            followed.put(file.file(), new Followed(file));
            return;
        }
        if (file.offset() > known.offset) {
            problems.add(new Problem.Missing(file.file(), known.source(), known.offset, file.offset()));
        } else if (file.offset() < known.offset) {
            problems.add(new Problem.Repeated(file.file(), known.source(), file.offset(), known.offset));
        }
        followed.put(file.file(), new Followed(file));
    }

    private void account(int file, long from, long to, boolean restates, List<Problem> problems) {
        Followed known = followed.get(file);
        if (known == null) {
            if ((complete || restates) && undeclared.size() < MOST_UNDECLARED && undeclared.add(file)) {
                problems.add(new Problem.Undeclared(file));
            }
            return;
        }
        if (from > known.offset) {
            problems.add(new Problem.Missing(file, known.source(), known.offset, from));
        } else if (from < known.offset) {
            problems.add(new Problem.Repeated(file, known.source(), from, Math.min(to, known.offset)));
        }
        known.offset = Math.max(known.offset, to);
    }

    private void lose(Entry.Gap gap, boolean restates, List<Problem> problems) {
        if (gap.file() == Entry.NO_FILE) {
            return;
        }
        boolean toTheEnd = gap.to() == Entry.UNKNOWN;
        account(gap.file(), gap.from(), toTheEnd ? Long.MAX_VALUE : gap.to(), restates, problems);
        if (toTheEnd) {
            followed.remove(gap.file());
        }
    }
}
