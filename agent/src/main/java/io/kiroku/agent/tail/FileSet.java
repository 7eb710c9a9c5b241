package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files that are followed, and how a look at a directory changes them. A file is known by its identity only. */
final class FileSet {
    private final Kernel kernel;
    private final Draft draft;
    private final Resumption resumption;
    private final int mostFiles;
    private final long mostRestated;

    private final Map<FileIdentity, LogFile> byIdentity = new HashMap<>();
    private final Map<Integer, LogFile> byId = new TreeMap<>();
    private final Map<FilePath, Integer> filesOf = new HashMap<>();
    private int nextId;
    private long restatedBytes;
    private boolean overBudget;

    FileSet(Kernel kernel, Draft draft, Resumption resumption, int mostFiles, long mostRestated) {
        this.kernel = kernel;
        this.draft = draft;
        this.resumption = resumption;
        this.mostFiles = mostFiles;
        this.mostRestated = mostRestated;
        this.nextId = resumption.nextFile();
    }

    /** What a segment that restates has to say: every file that the chain knows and that has not ended. */
    List<Entry.File> standing() {
        List<Entry.File> standing = resumption.standing();
        for (LogFile file : byId.values()) {
            if (file.sealed) {
                standing.add(file.standing());
            }
        }
        return standing;
    }

    Collection<LogFile> all() {
        return byId.values();
    }

    /** The number of sources that have a followed file. */
    int sources() {
        return filesOf.size();
    }

    int nextId() {
        return nextId;
    }

    /**
     * Brings the files of a directory in line with the names that a look found there.
     *
     * @param entries the directory's names; empty if it is gone
     * @return the files that are new, in the order in which they were written
     */
    List<LogFile> reconcile(Directory directory, Map<FilePath, DirectoryEntry> entries) {
        for (LogFile file : List.copyOf(directory.files)) {
            followName(directory, file, entries);
        }
        List<LogFile> found = new ArrayList<>();
        List<Candidate> candidates = Candidate.among(directory, entries, resumption);
        for (Candidate candidate : candidates) {
            if (!isHeld(directory, candidate.path())) {
                LogFile file = open(directory, candidate);
                if (file != null) {
                    found.add(file);
                }
            }
        }
        directory.seen = true;
        return found;
    }

    private static boolean isHeld(Directory directory, FilePath path) {
        return directory.files.stream().anyMatch(file -> file.path.equals(path));
    }

    /** Where is the file's name now? */
    private void followName(Directory directory, LogFile file, Map<FilePath, DirectoryEntry> entries) {
        DirectoryEntry same = entries.get(file.path.name());
        if (same != null && isSame(file, file.path)) {
            return;
        }
        for (DirectoryEntry entry : entries.values()) {
            FilePath path = directory.path.resolve(entry.name());
            if (entry.inode() == file.identity.inode() && isSame(file, path)) {
                file.path = path;
                draft.event(Entry.EventKind.ROTATED, file, path.toString());
                return;
            }
        }
        if (linksOf(file) == 0) {
            leave(file);
            file.deleted = true;
            draft.event(Entry.EventKind.DELETED, file, "");
        } else if (same != null) {
            // Its old name belongs to another file now, and it has a name elsewhere: it is followed by its descriptor.
            leave(file);
        }
    }

    private static void leave(LogFile file) {
        if (file.directory != null) {
            file.directory.files.remove(file);
            file.directory = null;
        }
    }

    private boolean isSame(LogFile file, FilePath path) {
        try {
            return identityOf(kernel.stat(path)).equals(file.identity);
        } catch (ErrnoException gone) {
            return false;
        }
    }

    private int linksOf(LogFile file) {
        try {
            return kernel.stat(file.fd).links();
        } catch (ErrnoException unknown) {
            return 1;
        }
    }

    static FileIdentity identityOf(FileStat stat) {
        return new FileIdentity(stat.device(), stat.inode(), stat.birthNanos());
    }

    private @Nullable LogFile open(Directory directory, Candidate candidate) {
        if (byId.size() >= mostFiles || restatedBytes >= mostRestated) {
            reportBudget(candidate.path());
            return null;
        }
        try {
            // A pipe or a device must not be opened at all: that alone can have effects.
            FileStat before = kernel.stat(candidate.path());
            if (!before.isRegular() || byIdentity.containsKey(identityOf(before))) {
                return null;
            }
            int fd = kernel.open(candidate.path());
            try {
                return follow(directory, candidate, fd, kernel.stat(fd));
            } catch (ErrnoException | RuntimeException e) {
                kernel.close(fd);
                throw e;
            }
        } catch (ErrnoException refused) {
            if (!refused.isNotFound()) {
                complain(directory, candidate.path(), String.valueOf(refused.getMessage()));
            }
            return null;
        }
    }

    private @Nullable LogFile follow(Directory directory, Candidate candidate, int fd, FileStat stat)
            throws ErrnoException {
        FileIdentity identity = identityOf(stat);
        if (!stat.isRegular() || byIdentity.containsKey(identity)) {
            kernel.close(fd);
            return null;
        }
        LogFile file = resumption.resume(candidate, fd, stat);
        if (file == null) {
            file = new LogFile(nextId++, fd, candidate.source(), candidate.path(), identity, 0, Fingerprint.NONE);
            draft.declare(file);
        }
        add(directory, file, stat.size());
        return file;
    }

    private void add(Directory directory, LogFile file, long size) {
        file.size = size;
        file.quietSince = draft.now().bootNanos();
        byIdentity.put(file.identity, file);
        byId.put(file.id, file);
        filesOf.merge(file.source, 1, Integer::sum);
        directory.files.add(file);
        file.directory = directory;
        restatedBytes += restatedLength(file);
        overBudget = false;
    }

    /** What the file takes in a manifest that restates; a rotated name is longer than the live one. */
    private static long restatedLength(LogFile file) {
        return 128L + 2L * file.source.length();
    }

    private void reportBudget(FilePath path) {
        if (!overBudget) {
            overBudget = true;
            draft.event(
                    Entry.EventKind.UNREADABLE,
                    "%s is not followed: %d files are, which is the most".formatted(path, byId.size()));
        }
    }

    private void complain(Directory directory, FilePath path, String sentence) {
        if (!directory.reported) {
            directory.reported = true;
            draft.event(Entry.EventKind.UNREADABLE, path + ": " + sentence);
        }
    }

    /** The file shrank: what it held beyond, and had not been read, is lost. The same inode goes on as another file. */
    void truncated(LogFile file, long size) {
        draft.event(Entry.EventKind.TRUNCATED, file, "from at least %d to %d bytes".formatted(file.offset, size));
        draft.lost(
                file,
                Entry.GapCause.TRUNCATED,
                "the file was cut to %d bytes; what was written behind byte %d before that is not known"
                        .formatted(size, file.offset));
        byId.remove(file.id);
        file.beginAnew(nextId++, size);
        byId.put(file.id, file);
        draft.declare(file);
    }

    /** The file was read to its end and cannot grow any more. */
    void ended(LogFile file) {
        draft.ended(file);
        leave(file);
        byId.remove(file.id);
        byIdentity.remove(file.identity);
        filesOf.computeIfPresent(file.source, (_, count) -> count == 1 ? null : count - 1);
        restatedBytes -= restatedLength(file);
        kernel.close(file.fd);
    }

    void closeAll() {
        byId.values().forEach(file -> kernel.close(file.fd));
        byId.clear();
        byIdentity.clear();
    }
}
