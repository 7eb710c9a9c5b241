package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where followed files have their names: a file is given other names, and loses its last, while it is followed. */
final class Naming {
    private final Kernel kernel;
    private final Draft draft;
    private final Pins pins;
    private final RotationForecast forecast;
    private long lengthened;

    Naming(Kernel kernel, Draft draft, Pins pins, RotationForecast forecast) {
        this.kernel = kernel;
        this.draft = draft;
        this.pins = pins;
        this.forecast = forecast;
    }

    /** By how many bytes the paths of all files became longer, and shorter, since they were followed. */
    long lengthened() {
        return lengthened;
    }

    /** Where are the names of the directory's files now? Returns those that have another, or none. */
    List<LogFile> follow(Directory directory, Map<FilePath, DirectoryEntry> entries) {
        List<LogFile> changed = new ArrayList<>();
        directory.departed.clear();
        Index names = new Index(entries);
        for (LogFile file : List.copyOf(directory.files.values())) {
            DirectoryEntry same = entries.get(file.path.name());
            if (same != null && leadsTo(same, file.path, file)) {
                continue;
            }
            changed.add(file);
            leave(file);
            FilePath path = newPath(directory, names, file);
            if (path != null) {
                move(file, directory, path);
                continue;
            }
            directory.departed.add(Held.by(kernel, file));
            if (linksOf(file) == 0) {
                deleted(file);
            }
        }
        return changed;
    }

    /** The names of a directory by inode, put in order once they are needed. */
    private static final class Index {
        private final Map<FilePath, DirectoryEntry> entries;
        private final Map<Long, List<FilePath>> byInode = new HashMap<>();

        Index(Map<FilePath, DirectoryEntry> entries) {
            this.entries = entries;
        }

        List<FilePath> of(long inode) {
            if (byInode.isEmpty()) {
                for (DirectoryEntry entry : entries.values()) {
                    byInode.computeIfAbsent(entry.inode(), _ -> new ArrayList<>())
                            .add(entry.name());
                }
            }
            return byInode.getOrDefault(inode, List.of());
        }
    }

    private @Nullable FilePath newPath(Directory directory, Index names, LogFile file) {
        for (FilePath name : names.of(file.identity.inode())) {
            FilePath path = directory.path.resolve(name);
            if (!directory.files.containsKey(path) && isSame(file, path)) {
                return path;
            }
        }
        return null;
    }

    /** A file that is held open keeps its inode's number to itself, so a regular file needs no look behind its name. */
    private boolean leadsTo(DirectoryEntry entry, FilePath path, LogFile file) {
        return (entry.kind() == DirectoryEntry.Kind.REGULAR && entry.inode() == file.identity.inode())
                || isSame(file, path);
    }

    /** A file that is followed already has this name too. It is its own if it came here from elsewhere. */
    void adopt(Directory directory, Candidate candidate, LogFile file) {
        boolean isHomeless = file.directory == null || !file.directory.isAttached();
        if (isHomeless && file.path.equals(candidate.path())) {
            move(file, directory, candidate.path());
        } else if (!isSame(file, file.path)) {
            move(file, directory, candidate.path());
        }
    }

    /** The file has its name in that directory. */
    static void settle(Directory directory, LogFile file) {
        directory.files.put(file.path, file);
        file.directory = directory;
    }

    private void move(LogFile file, Directory directory, FilePath path) {
        leave(file);
        file.adrift = false;
        if (!path.equals(file.path)) {
            draft.event(Entry.EventKind.ROTATED, file, path.toString());
            forecast.renamed(file.size);
        }
        file.urgent |= !path.equals(file.source);
        lengthened += path.length() - file.path.length();
        file.path = path;
        settle(directory, file);
    }

    static void leave(LogFile file) {
        if (file.directory != null) {
            file.directory.files.remove(file.path, file);
            file.directory = null;
        }
    }

    /** The file has no name any more. */
    void deleted(LogFile file) {
        if (!file.deleted) {
            file.deleted = true;
            file.urgent = true;
            draft.event(Entry.EventKind.DELETED, file, "");
        }
    }

    private boolean isSame(LogFile file, FilePath path) {
        try {
            return FileSet.identityOf(kernel.stat(path)).equals(file.identity);
        } catch (ErrnoException gone) {
            return false;
        }
    }

    private int linksOf(LogFile file) {
        try {
            return pins.namesOf(file, kernel.stat(file.fd));
        } catch (ErrnoException unknown) {
            return 1;
        }
    }
}
