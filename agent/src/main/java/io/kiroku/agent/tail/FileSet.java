package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files that are followed, and how a look at a directory changes them. A file is known by its identity only. */
final class FileSet {
    /** So often in a row, a directory is listed again because a name in it has another file by now. */
    private static final int MOST_OUTDATED = 2;

    private final Kernel kernel;
    private final Draft draft;
    private final Resumption resumption;
    private final Tree tree;
    private final Refusals refusals;
    private final Pins pins;
    private final Naming naming;
    private final int mostFiles;
    private final long mostRestated;

    private final Map<FileIdentity, LogFile> byIdentity = new HashMap<>();
    private final Map<Integer, LogFile> byId = new TreeMap<>();
    private final Map<FilePath, Integer> filesOf = new HashMap<>();
    private int nextId;
    private long restatedBytes;

    FileSet(
            Kernel kernel,
            Draft draft,
            Resumption resumption,
            Tree tree,
            Complaints complaints,
            Pins pins,
            Naming naming,
            Tail.Limits limits) {
        this.kernel = kernel;
        this.draft = draft;
        this.resumption = resumption;
        this.tree = tree;
        this.refusals = new Refusals(draft, tree, complaints);
        this.pins = pins;
        this.naming = naming;
        this.mostFiles = limits.files();
        this.mostRestated = limits.restatedBytes();
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

    /** An id for what is followed and no file. */
    int takeId() {
        return nextId++;
    }

    /**
     * Brings the files of a directory in line with the names that a look found there.
     *
     * @param entries the directory's names; empty if it is gone
     * @return the files that are new or lost their name, in the order in which they were written
     */
    List<LogFile> reconcile(Directory directory, Map<FilePath, DirectoryEntry> entries) {
        List<LogFile> changed = naming.follow(directory, entries);
        for (Candidate candidate : Candidate.among(directory, entries, resumption)) {
            if (!draft.hasRoomForEntries()) {
                tree.lookAgain(directory);
                break;
            }
            if (!directory.files.containsKey(candidate.path())) {
                int outdated = directory.outdated;
                LogFile file = open(directory, candidate);
                boolean isListedAgain = directory.outdated > outdated;
                if (!isListedAgain || directory.unopened.containsKey(candidate.inode())) {
                    directory.births.found(candidate.source().name());
                }
                if (isListedAgain) {
                    tree.lookAgain(directory);
                    return changed;
                }
                if (file != null) {
                    changed.add(file);
                }
            }
            if (candidate.symlink()) {
                // Nothing is heard of what happens where it leads to.
                tree.lookAgainLater(directory);
            }
        }
        directory.outdated = 0;
        refusals.giveUp(
                directory,
                entries,
                (inode, file) -> has(directory, inode, file),
                lost -> vanished(lost.source(), lost.cause(), lost.path() + ": " + lost.reason()));
        if (draft.hasRoomForEntries()) {
            directory
                    .births
                    .takeMissing()
                    .forEach((name, count) -> vanished(
                            directory.path.resolve(name),
                            Entry.GapCause.VANISHED,
                            count == 1
                                    ? "a file came and went before it could be opened"
                                    : count + " files came and went before they could be opened"));
            directory.missed.forEach(missed -> draft.gap(
                    Entry.NO_FILE,
                    0,
                    Entry.GapCause.VANISHED,
                    missed + ": it came and went before it could be looked at"));
            directory.missed.clear();
        } else {
            tree.lookAgain(directory);
        }
        return changed;
    }

    /**
     * The name was another file's when the directory was listed. That one is to be found first, for ids rise in the order in
     * which files were written; but not for ever, where files come faster than they are found, or the file system lists
     * other inodes than it has.
     */
    private boolean mustBeListedAgain(Directory directory, Candidate candidate) {
        return directory.outdated < MOST_OUTDATED
                && !candidate.symlink()
                && !has(candidate.source(), candidate.inode());
    }

    /** A file of the source is lost of which nothing was captured. */
    void vanished(FilePath source, Entry.GapCause cause, String detail) {
        draft.missed(nextId++, source, cause, detail);
    }

    /** Files that the chain was not told of may have lower ids, by their pins. */
    void useIdsAbove(int id) {
        nextId = Math.max(nextId, id + 1);
    }

    /** Whether a file of the source with that inode is followed. As long as it is, the number is no other file's. */
    boolean has(FilePath source, long inode) {
        return byIdentity.values().stream()
                .anyMatch(file -> file.identity.inode() == inode && file.source.equals(source));
    }

    /** Whether a file that could not be opened is followed by now, whatever its name is, or what was compressed of it. */
    private boolean has(Directory directory, long inode, Unopened file) {
        return directory.files.keySet().stream().anyMatch(path -> RotatedName.isCompressionOf(file.path(), path))
                || byIdentity.values().stream()
                        .anyMatch(held -> held.identity.inode() == inode && !file.isOther(held.source, held.identity));
    }

    /** The followed file that it is; null if none is. */
    @Nullable
    LogFile get(FileStat stat) {
        return byIdentity.get(identityOf(stat));
    }

    static FileIdentity identityOf(FileStat stat) {
        return new FileIdentity(stat.device(), stat.inode(), stat.birthNanos());
    }

    private @Nullable LogFile open(Directory directory, Candidate candidate) {
        FileIdentity identity = null;
        try {
            // A pipe or a device must not be opened at all: that alone can have effects.
            FileStat before = kernel.stat(candidate.path());
            identity = identityOf(before);
            LogFile known = byIdentity.get(identity);
            if (known != null) {
                naming.adopt(directory, candidate, known);
            }
            if (known != null || !before.isRegular()) {
                Refusals.opened(directory, candidate, identity);
                return null;
            }
            if (isOverBudget() && !resumption.awaits(before)) {
                refusals.forBudget(directory, candidate, identity, byId.size());
                return null;
            }
            int fd = kernel.open(candidate.path());
            LogFile file;
            try {
                FileStat stat = kernel.stat(fd);
                if (stat.inode() != candidate.inode() && mustBeListedAgain(directory, candidate)) {
                    directory.outdated++;
                    kernel.close(fd);
                    return null;
                }
                file = follow(directory, candidate, fd, stat);
            } catch (ErrnoException | MalformedException | RuntimeException e) {
                kernel.close(fd);
                throw e;
            }
            Refusals.opened(directory, candidate, identity);
            return file;
        } catch (ErrnoException refused) {
            refusals.because(directory, candidate, identity, refused);
            if (refused.isNotFound() && mustBeListedAgain(directory, candidate)) {
                directory.outdated++;
            }
            return null;
        } catch (MalformedException damaged) {
            // What the chain knows of it is given up with what was not found.
            return null;
        }
    }

    private @Nullable LogFile follow(Directory directory, Candidate candidate, int fd, FileStat stat)
            throws ErrnoException, MalformedException {
        if (!stat.isRegular() || byIdentity.containsKey(identityOf(stat))) {
            kernel.close(fd);
            return null;
        }
        LogFile file = resumption.resume(candidate.path(), fd, stat);
        if (file == null && !candidate.wanted()) {
            kernel.close(fd);
            return null;
        }
        if (file != null) {
            add(file, stat.size());
            Naming.settle(directory, file);
            return file;
        }
        return follow(directory, candidate.source(), candidate.path(), fd, Content.plain(kernel, fd), stat);
    }

    /** Begins with an open file that the chain does not know. */
    LogFile follow(Directory directory, FilePath source, FilePath path, int fd, Content content, FileStat stat) {
        LogFile file = begin(source, path, fd, content, stat);
        Naming.settle(directory, file);
        return file;
    }

    private LogFile begin(FilePath source, FilePath path, int fd, Content content, FileStat stat) {
        LogFile file = new LogFile(nextId++, fd, content, source, path, identityOf(stat), 0, Fingerprint.NONE);
        draft.declare(file);
        add(file, stat.size());
        return file;
    }

    /** Goes on with a file that was resumed in that directory. */
    LogFile takeUp(Directory directory, LogFile resumed) {
        add(resumed, resumed.offset);
        Naming.settle(directory, resumed);
        return resumed;
    }

    /**
     * Goes on with a file by its pin, or begins with it if the chain was not told of it.
     *
     * @return null if it is followed already; then pin and descriptor are given up
     */
    @Nullable
    LogFile takeUp(Pins.Left left, FilePath path, int fd, FileStat stat) throws ErrnoException, MalformedException {
        if (get(stat) != null) {
            kernel.close(fd);
            pins.drop(left.id());
            return null;
        }
        LogFile file = resumption.resume(path, fd, stat);
        if (file != null) {
            pins.takenUp(file, left);
            add(file, stat.size());
        } else {
            file = begin(left.source(), left.path(), fd, Content.of(kernel, fd, left.source(), left.path()), stat);
            pins.drop(left.id());
        }
        if (file.content.isCompressed()) {
            file.size = Gunzip.statedLength(kernel, fd, stat);
        }
        return file;
    }

    private void add(LogFile file, long size) {
        file.size = size;
        file.earlierSize = size;
        file.earlierSizeAt = draft.now().bootNanos();
        file.quietSince = draft.now().bootNanos();
        file.urgent = !file.path.equals(file.source);
        byIdentity.put(file.identity, file);
        byId.put(file.id, file);
        filesOf.merge(file.source, 1, Integer::sum);
        restatedBytes += restatedLength(file.source, file.path);
        if (!file.pinned) {
            pins.pin(file);
        }
    }

    /** What a file of these paths takes in a manifest that restates. */
    static long restatedLength(FilePath source, FilePath path) {
        return 128L + source.length() + path.length();
    }

    /** Whether no more files may be followed. */
    private boolean isOverBudget() {
        return byId.size() >= mostFiles
                || restatedBytes + naming.lengthened() + resumption.restatedBytes() >= mostRestated;
    }

    /** Directories with files that were refused for the budget are looked at again once it has room. */
    void lookAgainIfThereIsRoom() {
        if (!isOverBudget()) {
            refusals.budgetHasRoom();
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
        int oldId = file.id;
        byId.remove(oldId);
        file.beginAnew(nextId++, size);
        byId.put(file.id, file);
        pins.renumbered(file, oldId);
        draft.declare(file);
    }

    /** The file was read to its end and cannot grow any more. */
    void ended(LogFile file) {
        draft.ended(file);
        pins.release(file);
        close(file);
    }

    /** The rest of the file cannot be read and never will be. */
    void lost(LogFile file, String detail) {
        draft.lost(file, Entry.GapCause.READ_ERROR, detail);
        pins.drop(file);
        close(file);
    }

    /** Whether it can be said of a file that it is let go. */
    boolean mayBeLetGo() {
        return draft.hasRoomForEntries();
    }

    /** The file has no other name than its pin, and is let go with what was not read of it. */
    void letGo(LogFile file, long budget) {
        String detail = "the files that only the agent holds exceed the budget of %d bytes".formatted(budget);
        if (kernel.writers(file.fd) == Kernel.Writers.NONE) {
            if (file.size > file.offset) {
                draft.givenUp(file, file.size, Entry.GapCause.BUDGET, detail);
            }
            draft.ended(file);
        } else {
            draft.lost(file, Entry.GapCause.BUDGET, detail);
        }
        pins.drop(file);
        close(file);
    }

    private void close(LogFile file) {
        Naming.leave(file);
        byId.remove(file.id);
        byIdentity.remove(file.identity);
        filesOf.computeIfPresent(file.source, (_, count) -> count == 1 ? null : count - 1);
        restatedBytes -= restatedLength(file.source, file.path);
        file.closed = true;
        file.content.close();
        kernel.close(file.fd);
    }

    void closeAll() {
        List.copyOf(byId.values()).forEach(this::close);
    }
}
