package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * Finds what the log files of a bundle consist of, by the entries of its segments. Grows with the number of files and gaps in
 * them, not with their bytes. For use by one thread.
 */
public final class LogIndex {
    private record FileKey(Octets stream, int file) {}

    private final BiPredicate<Octets, FilePath> includes;
    private final Map<FileKey, LogSource> byFile = new HashMap<>();
    private final Map<LogSource, SortedMap<Integer, List<LogFile.Run>>> sources = new HashMap<>();

    /** @param includes which sources, by stream and path */
    public LogIndex(BiPredicate<Octets, FilePath> includes) {
        this.includes = includes;
    }

    /** Takes the entries of a stream's next segment. */
    public void add(Octets stream, List<Entry> entries) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.File file -> {
                    if (includes.test(stream, file.source())) {
                        LogSource source = new LogSource(stream, file.source());
                        byFile.put(new FileKey(stream, file.file()), source);
                        sources.computeIfAbsent(source, _ -> new TreeMap<>());
                    }
                }
                case Entry.Chunk chunk -> chunk(stream, chunk);
                case Entry.SegmentGap lost -> {
                    // A source that is known by its loss alone has an empty log file, so that its gap is told.
                    FilePath source = lost.source();
                    if (source != null && includes.test(stream, source)) {
                        sources.computeIfAbsent(new LogSource(stream, source), _ -> new TreeMap<>());
                    }
                }
                default -> {}
            }
        }
    }

    private void chunk(Octets stream, Entry.Chunk chunk) {
        LogSource source = byFile.get(new FileKey(stream, chunk.file()));
        if (source == null) {
            return;
        }
        List<LogFile.Run> runs = sources.computeIfAbsent(source, _ -> new TreeMap<>())
                .computeIfAbsent(chunk.file(), _ -> new ArrayList<>());
        if (!runs.isEmpty() && runs.getLast().to() == chunk.from()) {
            LogFile.Run before = runs.removeLast();
            runs.add(new LogFile.Run(chunk.file(), before.from(), chunk.to()));
        } else {
            runs.add(new LogFile.Run(chunk.file(), chunk.from(), chunk.to()));
        }
    }

    /** The log files, in the order of their names. */
    public List<LogFile> files() {
        Map<LogSource, String> names = BundleNames.logs(sources.keySet());
        SortedMap<String, LogFile> files = new TreeMap<>();
        sources.forEach((source, byId) -> {
            String name = Objects.requireNonNull(names.get(source));
            List<LogFile.Run> runs =
                    byId.values().stream().flatMap(List::stream).toList();
            files.put(name, new LogFile(name, source.stream(), source.path(), runs));
        });
        return List.copyOf(files.values());
    }
}
