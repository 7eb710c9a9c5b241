package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the chunks of a bundle's segments lie in its log files. Takes the segments of each stream in their order; who writes
 * a bundle puts the bytes there, who checks it compares them. Memory grows with the log files, and with the files in the
 * segments that are theirs. For use by one thread.
 */
final class LogPlaces {
    /** Takes what does not fit. */
    @FunctionalInterface
    interface Problems {
        void problem(String sentence);
    }

    /**
     * Where bytes lie.
     *
     * @param log the file's name
     * @param at offset in it
     */
    record Place(String log, long at) {}

    private record FileKey(Octets stream, int file) {}

    /** A file of a log: what the manifest says of the one has to be what the segments say of it. */
    private record CursorKey(LogSource source, int file) {}

    /** What has come of a log file. */
    private static final class Progress {
        private final LogFile log;
        private boolean isNamed;
        private int wholeRuns;

        /** Where each run lies in the log file; made once it is asked for. */
        private long @Nullable [] starts;

        private Progress(LogFile log) {
            this.log = log;
        }

        private long start(int run) {
            long[] known = starts;
            if (known == null) {
                known = new long[log.runs().size()];
                for (int i = 1; i < known.length; i++) {
                    known[i] = known[i - 1] + log.runs().get(i - 1).length();
                }
                starts = known;
            }
            return known[run];
        }

        /** The first run of a file or of one behind it; runs are in the order of the files. */
        private int first(int file) {
            int low = 0;
            int high = log.runs().size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (log.runs().get(middle).file() < file) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    /** How far the runs of one file have come. */
    private static final class Cursor {
        private final Progress progress;
        private final int file;
        private int run;
        private long done;

        private Cursor(Progress progress, int file) {
            this.progress = progress;
            this.file = file;
            this.run = progress.first(file);
        }

        /** The place of the next bytes; null if they are not those that the manifest states. */
        @Nullable
        Place next(Entry.Chunk chunk) {
            List<LogFile.Run> runs = progress.log.runs();
            if (run == runs.size()
                    || runs.get(run).file() != file
                    || chunk.from() != runs.get(run).from() + done
                    || chunk.to() > runs.get(run).to()) {
                return null;
            }
            Place place = new Place(progress.log.name(), progress.start(run) + done);
            done += chunk.length();
            if (done == runs.get(run).length()) {
                run++;
                done = 0;
                progress.wholeRuns++;
            }
            return place;
        }
    }

    private final Map<LogSource, Progress> logs = new LinkedHashMap<>();
    private final Map<CursorKey, Cursor> cursors = new HashMap<>();

    /** Of which log the files are that the segments have declared so far. */
    private final Map<FileKey, Progress> declared = new HashMap<>();

    LogPlaces(List<LogFile> logs) {
        logs.forEach(log -> this.logs.putIfAbsent(log.from(), new Progress(log)));
    }

    /** Takes an entry that may name a source. */
    void declare(Octets stream, Entry entry) {
        if (entry instanceof Entry.File file) {
            FileKey key = new FileKey(stream, file.file());
            Progress of = logs.get(new LogSource(stream, file.source()));
            if (of == null) {
                declared.remove(key);
            } else {
                of.isNamed = true;
                declared.put(key, of);
            }
        } else if (entry instanceof Entry.SegmentGap lost && lost.source() != null) {
            Progress of = logs.get(new LogSource(stream, lost.source()));
            if (of != null) {
                of.isNamed = true;
            }
        }
    }

    /** The place of a chunk; null if its file is of none of the sources, or if it does not fit. */
    @Nullable
    Place chunk(Octets stream, Entry.Chunk chunk, Problems problems) {
        Progress of = declared.get(new FileKey(stream, chunk.file()));
        if (of == null) {
            return null;
        }
        Place place = cursors.computeIfAbsent(
                        new CursorKey(of.log.from(), chunk.file()), key -> new Cursor(of, key.file()))
                .next(chunk);
        if (place == null) {
            problems.problem("bytes %d to %d of file %d, of %s, are in no log file where the manifest has them"
                    .formatted(chunk.from(), chunk.to() - 1, chunk.file(), of.log.source()));
        }
        return place;
    }

    /** Says of which log files the segments do not hold all, and which sources they do not name. */
    void end(Problems problems) {
        Set<String> tooLong = new TreeSet<>();
        for (Progress one : logs.values()) {
            if (one.wholeRuns < one.log.runs().size()) {
                tooLong.add(one.log.name());
            }
        }
        tooLong.forEach(name -> problems.problem("%s holds bytes that are in no segment".formatted(name)));
        logs.forEach((source, one) -> {
            if (!one.isNamed) {
                problems.problem("it has a log file of %s, and no segment of stream %s names that"
                        .formatted(source.path(), source.stream().brief()));
            }
        });
    }
}
