package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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

    private record Source(Octets stream, FilePath path) {}

    private record FileKey(Octets stream, int file) {}

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

    private final Set<Source> sources = new HashSet<>();
    private final Map<FileKey, Cursor> cursors = new HashMap<>();
    private final Set<FileKey> declared = new HashSet<>();

    LogPlaces(List<LogFile> logs) {
        for (LogFile log : logs) {
            sources.add(new Source(log.stream(), log.source()));
            long at = 0;
            for (LogFile.Run run : log.runs()) {
                Cursor cursor = cursors.computeIfAbsent(new FileKey(log.stream(), run.file()), _ -> new Cursor(log));
                cursor.runs.add(run);
                cursor.starts.add(at);
                at += run.length();
            }
        }
    }

    /** Takes an entry that declares a file. */
    void file(Octets stream, Entry.File file) {
        if (sources.contains(new Source(stream, file.source()))) {
            declared.add(new FileKey(stream, file.file()));
        }
    }

    /** The place of a chunk; null if its file is none of the sources, or if it does not fit. */
    @Nullable
    Place chunk(Octets stream, Entry.Chunk chunk, Problems problems) {
        FileKey key = new FileKey(stream, chunk.file());
        Cursor cursor = cursors.get(key);
        if (!declared.contains(key)) {
            if (cursor != null) {
                problems.problem("the manifest counts file %d to %s, and the segments do not"
                        .formatted(chunk.file(), cursor.log.name()));
            }
            return null;
        }
        Place place = cursor == null ? null : cursor.next(chunk);
        if (place == null) {
            problems.problem("bytes %d to %d of file %d are in no log file where the manifest has them"
                    .formatted(chunk.from(), chunk.to() - 1, chunk.file()));
        }
        return place;
    }

    /** Says of which log files the segments do not hold all. */
    void end(Problems problems) {
        Set<String> tooLong = new TreeSet<>();
        for (Cursor cursor : cursors.values()) {
            if (cursor.run < cursor.runs.size()) {
                tooLong.add(cursor.log.name());
            }
        }
        tooLong.forEach(name -> problems.problem("%s holds bytes that are in no segment".formatted(name)));
    }
}
