package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Fingerprint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the chain says was being followed when the agent last ran. Each such file is either found again, by its inode, its
 * birth and its first bytes, or the rest of it is a gap.
 */
final class Resumption {
    private final Kernel kernel;
    private final Draft draft;
    private final Map<Long, List<FileTable.Followed>> byInode = new HashMap<>();
    private final int nextFile;

    /** @param nextFile the lowest file id that the chain has not used */
    Resumption(Kernel kernel, Draft draft, FileTable chain, int nextFile) {
        this.kernel = kernel;
        this.draft = draft;
        this.nextFile = nextFile;
        for (FileTable.Followed file : chain.followed().values()) {
            byInode.computeIfAbsent(file.identity().inode(), _ -> new ArrayList<>())
                    .add(file);
        }
    }

    int nextFile() {
        return nextFile;
    }

    boolean isEmpty() {
        return byInode.isEmpty();
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

    /** The file behind the descriptor, if it is one that the chain knows; null if it is new. */
    @Nullable
    LogFile resume(Candidate candidate, int fd, FileStat stat) throws ErrnoException {
        for (FileTable.Followed known : List.copyOf(byInode.getOrDefault(stat.inode(), List.of()))) {
            if (!isSameIdentity(known.identity(), stat) || !hasFingerprint(fd, known.fingerprint())) {
                continue;
            }
            remove(known);
            if (stat.size() < known.offset()) {
                lost(
                        known,
                        Entry.GapCause.TRUNCATED,
                        "the file was cut to %d bytes while no agent ran".formatted(stat.size()));
                return null;
            }
            LogFile file = new LogFile(
                    known.id(),
                    fd,
                    known.source(),
                    candidate.path(),
                    FileSet.identityOf(stat),
                    known.offset(),
                    known.fingerprint());
            file.sealed = true;
            if (!known.path().equals(candidate.path())) {
                draft.event(Entry.EventKind.ROTATED, file, candidate.path().toString());
            }
            return file;
        }
        return null;
    }

    /** Device numbers change at boot, so they decide only where the file system keeps no time of birth. */
    private static boolean isSameIdentity(FileIdentity known, FileStat stat) {
        return known.birthNanos() != 0 ? known.birthNanos() == stat.birthNanos() : known.device() == stat.device();
    }

    private boolean hasFingerprint(int fd, Fingerprint known) throws ErrnoException {
        return FirstBytes.of(kernel, fd, known.length()).equals(known);
    }

    /** Every directory was looked at: what was not found by now will not be. */
    void finish() {
        for (List<FileTable.Followed> files : byInode.values()) {
            for (FileTable.Followed file : files) {
                lost(
                        file,
                        Entry.GapCause.VANISHED,
                        "the file was gone when the agent came back; what was written behind byte %d is not known"
                                .formatted(file.offset()));
            }
        }
        byInode.clear();
    }

    private void lost(FileTable.Followed file, Entry.GapCause cause, String detail) {
        draft.gap(file.id(), file.offset(), cause, detail);
        draft.resumedInVain(standingOf(file));
    }

    private void remove(FileTable.Followed file) {
        List<FileTable.Followed> same = byInode.get(file.identity().inode());
        if (same != null && same.remove(file) && same.isEmpty()) {
            byInode.remove(file.identity().inode());
        }
    }
}
