package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the chain says was being followed when the agent last ran. Each such file is either found again, by its inode, its
 * birth and its first bytes, or the rest of it is a gap.
 */
final class Resumption {
    private final Kernel kernel;
    private final Draft draft;
    private final Map<Long, List<FileTable.Followed>> byInode = new HashMap<>();
    private final Set<Integer> missing = new HashSet<>();
    private final int nextFile;
    private long restatedBytes;

    /**
     * @param nextFile the lowest file id that the chain has not used
     * @param isJournal the sources that are journals, and followed: they are not looked for here
     */
    Resumption(Kernel kernel, Draft draft, FileTable chain, int nextFile, Predicate<FilePath> isJournal) {
        this.kernel = kernel;
        this.draft = draft;
        this.nextFile = nextFile;
        for (FileTable.Followed file : chain.followed().values()) {
            if (isJournal.test(file.source())) {
                continue;
            }
            byInode.computeIfAbsent(file.identity().inode(), _ -> new ArrayList<>())
                    .add(file);
            restatedBytes += FileSet.restatedLength(file.source(), file.path());
        }
    }

    int nextFile() {
        return nextFile;
    }

    boolean isEmpty() {
        return byInode.isEmpty();
    }

    /** What {@link #standing} takes in a manifest. */
    long restatedBytes() {
        return restatedBytes;
    }

    /** The source of a file that is looked for, was last seen in that directory and has that inode; null if none is. */
    @Nullable
    FilePath sourceIn(FilePath directory, long inode) {
        for (FileTable.Followed file : byInode.getOrDefault(inode, List.of())) {
            if (file.path().parent().equals(directory)) {
                return file.source();
            }
        }
        return null;
    }

    /** A file that is looked for; null if that id is none's. */
    FileTable.@Nullable Followed find(int id) {
        for (List<FileTable.Followed> files : byInode.values()) {
            for (FileTable.Followed file : files) {
                if (file.id() == id) {
                    return file;
                }
            }
        }
        return null;
    }

    /** The files of a source that are looked for. */
    List<FileTable.Followed> of(FilePath source) {
        List<FileTable.Followed> found = new ArrayList<>();
        byInode.values()
                .forEach(files -> files.stream()
                        .filter(file -> file.source().equals(source))
                        .forEach(found::add));
        return found;
    }

    /** What the chain says of the files that were not found yet: a segment that restates must name them too. */
    List<Entry.File> standing() {
        List<Entry.File> standing = new ArrayList<>();
        byInode.values().forEach(files -> files.forEach(file -> standing.add(standingOf(file))));
        return standing;
    }

    private static Entry.File standingOf(FileTable.Followed file) {
        return new Entry.File(
                file.id(), file.source(), file.path(), file.identity(), file.offset(), file.fingerprint());
    }

    /** Whether a file with that inode is looked for. */
    boolean has(long inode) {
        return byInode.containsKey(inode);
    }

    /** Whether the file may be one that is looked for. */
    boolean awaits(FileStat stat) {
        return known(stat) != null;
    }

    /** The file that is looked for and has that identity; its content was not looked at. Null if none has. */
    FileTable.@Nullable Followed known(FileStat stat) {
        return byInode.getOrDefault(stat.inode(), List.of()).stream()
                .filter(known -> isSameIdentity(known.identity(), stat))
                .findFirst()
                .orElse(null);
    }

    /** The file behind the descriptor, if it is one that the chain knows; null if it is new. */
    @Nullable
    LogFile resume(FilePath path, int fd, FileStat stat) throws ErrnoException, MalformedException {
        for (FileTable.Followed known : List.copyOf(byInode.getOrDefault(stat.inode(), List.of()))) {
            if (!isSameIdentity(known.identity(), stat)) {
                continue;
            }
            Content content = Content.of(kernel, fd, known.source(), path);
            if (!FirstBytes.match(content, known.fingerprint())) {
                lost(
                        known,
                        Entry.GapCause.TRUNCATED,
                        "the file begins with other bytes than before; what was written behind byte %d is not known"
                                .formatted(known.offset()));
                return null;
            }
            if (!content.isCompressed() && stat.size() < known.offset()) {
                lost(
                        known,
                        Entry.GapCause.TRUNCATED,
                        "the file was cut to %d bytes while no agent ran".formatted(stat.size()));
                return null;
            }
            return resume(known, path, fd, content, stat);
        }
        return null;
    }

    /** Takes reading up where the chain says that it stood, in the file that was found to be the known one. */
    LogFile resume(FileTable.Followed known, FilePath path, int fd, Content content, FileStat stat)
            throws ErrnoException, MalformedException {
        LogFile file = new LogFile(
                known.id(),
                fd,
                content,
                known.source(),
                path,
                FileSet.identityOf(stat),
                known.offset(),
                known.fingerprint());
        file.sealed = true;
        if (known.fingerprint().length() < Fingerprint.MOST) {
            file.first = FirstBytes.of(content, known.offset());
        }
        remove(known);
        if (!known.path().equals(path)) {
            draft.event(Entry.EventKind.ROTATED, file, path.toString());
        }
        return file;
    }

    /** Device numbers change at boot, so they decide only where the file system keeps no time of birth. */
    private static boolean isSameIdentity(FileIdentity known, FileStat stat) {
        return known.birthNanos() != 0 ? known.birthNanos() == stat.birthNanos() : known.device() == stat.device();
    }

    /**
     * Every directory was looked at. What was not found and is gone, or is nowhere where the patterns lead, is given up at
     * the second such call: at the first it may just have been renamed. What is there and could not be opened yet is waited
     * for.
     *
     * @param isAwaited whether the file with that id is waited for in any case
     */
    void giveUp(Tree tree, IntPredicate isAwaited) {
        for (List<FileTable.Followed> files : List.copyOf(byInode.values())) {
            for (FileTable.Followed file : List.copyOf(files)) {
                if (isAwaited.test(file.id()) || mayStillBeFound(file, tree)) {
                    missing.remove(file.id());
                } else if (!missing.add(file.id()) && draft.hasRoomForEntries()) {
                    lost(
                            file,
                            Entry.GapCause.VANISHED,
                            "the file was not found when the agent came back; what was written behind byte %d is not known"
                                    .formatted(file.offset()));
                }
            }
        }
    }

    private boolean mayStillBeFound(FileTable.Followed file, Tree tree) {
        try {
            FileStat stat = kernel.stat(file.path());
            return stat.inode() == file.identity().inode()
                    && isSameIdentity(file.identity(), stat)
                    && tree.leadsTo(file.path().parent());
        } catch (ErrnoException refused) {
            return !refused.isNotFound();
        }
    }

    private void lost(FileTable.Followed file, Entry.GapCause cause, String detail) {
        remove(file);
        draft.gap(file.id(), file.offset(), cause, detail);
        draft.resumedInVain(standingOf(file));
    }

    private void remove(FileTable.Followed file) {
        List<FileTable.Followed> same = byInode.get(file.identity().inode());
        if (same != null && same.remove(file) && same.isEmpty()) {
            byInode.remove(file.identity().inode());
        }
        restatedBytes -= FileSet.restatedLength(file.source(), file.path());
    }
}
