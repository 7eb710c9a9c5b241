package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the chunks of a bundle's segments lie in its log files. Takes the segments of each stream in their order; who writes
 * a bundle puts the bytes there, who checks it compares them. For use by one thread.
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

    /** A file of a source: what the manifest says of the one has to be what the segments say of it. */
    private record CursorKey(LogSource source, int file) {}

    /** How far the runs of one file have come. */
    private static final class Cursor {
        private final LogFile log;
        private final List<LogFile.Run> runs = new ArrayList<>();
        private final List<Long> starts = new ArrayList<>();
        private int run;
        private long done;

        private Cursor(LogFile log) {
            this.log = log;
        }

        /** The place of the next bytes; null if they are not those that the manifest states. */
        @Nullable
        Place next(Entry.Chunk chunk) {
            if (run == runs.size()
                    || chunk.from() != runs.get(run).from() + done
                    || chunk.to() > runs.get(run).to()) {
                return null;
            }
            Place place = new Place(log.name(), starts.get(run) + done);
            done += chunk.length();
            if (done == runs.get(run).length()) {
                run++;
                done = 0;
            }
            return place;
        }
    }

    /** By their sources; false until a segment has named the source. */
    private final Map<LogSource, Boolean> sources = new LinkedHashMap<>();

    private final Map<CursorKey, Cursor> cursors = new HashMap<>();

    /** What the segments have declared so far. */
    private final Map<FileKey, LogSource> declared = new HashMap<>();

    LogPlaces(List<LogFile> logs) {
        for (LogFile log : logs) {
            sources.put(log.from(), false);
            long at = 0;
            for (LogFile.Run run : log.runs()) {
                Cursor cursor = cursors.computeIfAbsent(new CursorKey(log.from(), run.file()), _ -> new Cursor(log));
                cursor.runs.add(run);
                cursor.starts.add(at);
                at += run.length();
            }
        }
    }

    /** Takes an entry that may name a source. */
    void declare(Octets stream, Entry entry) {
        if (entry instanceof Entry.File file) {
            LogSource source = new LogSource(stream, file.source());
            declared.put(new FileKey(stream, file.file()), source);
            sources.replace(source, true);
        } else if (entry instanceof Entry.SegmentGap lost && lost.source() != null) {
            sources.replace(new LogSource(stream, lost.source()), true);
        }
    }

    /** The place of a chunk; null if its file is of none of the sources, or if it does not fit. */
    @Nullable
    Place chunk(Octets stream, Entry.Chunk chunk, Problems problems) {
        LogSource source = declared.get(new FileKey(stream, chunk.file()));
        if (source == null || !sources.containsKey(source)) {
            return null;
        }
        Cursor cursor = cursors.get(new CursorKey(source, chunk.file()));
        Place place = cursor == null ? null : cursor.next(chunk);
        if (place == null) {
            problems.problem("bytes %d to %d of file %d, of %s, are in no log file where the manifest has them"
                    .formatted(chunk.from(), chunk.to() - 1, chunk.file(), source.path()));
        }
        return place;
    }

    /** Says of which log files the segments do not hold all, and which sources they do not name. */
    void end(Problems problems) {
        Set<String> tooLong = new TreeSet<>();
        for (Cursor cursor : cursors.values()) {
            if (cursor.run < cursor.runs.size()) {
                tooLong.add(cursor.log.name());
            }
        }
        tooLong.forEach(name -> problems.problem("%s holds bytes that are in no segment".formatted(name)));
        sources.forEach((source, isNamed) -> {
            if (!isNamed) {
                problems.problem("it has a log file of %s, and no segment of stream %s names that"
                        .formatted(source.path(), source.stream().brief()));
            }
        });
    }
}
