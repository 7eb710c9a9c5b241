package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happened while no agent ran. Pinned files are taken up from their pins. Compressed siblings are recognised by their
 * content: what is older than the newest that the chain knows was captured before it was compressed, what is newer was never
 * seen and is read. And where a file that was followed is nowhere among its siblings any more, others may have come and gone
 * behind it: that is a gap, of a length that nobody can know.
 */
final class Absence {
    private final Kernel kernel;
    private final Draft draft;
    private final Resumption resumption;
    private final Pins pins;
    private final FileSet files;
    private final Deque<Pins.Left> pinned = new ArrayDeque<>();

    /** What the kernel refuses for now, by file. */
    private final Map<Integer, Pins.Left> postponed = new TreeMap<>();

    private boolean isPatient = true;
    private boolean isListed;

    /** Files that were taken up from their pins. */
    private final List<LogFile> taken = new ArrayList<>();

    /** Sources of which files were found that had come while no agent ran. */
    private final Set<FilePath> withFollowers = new HashSet<>();

    private final boolean isWhole;
    private final long newestSegment;
    private final Consumer<String> complaints;

    /** A compressed sibling that is open. */
    private record Sibling(FilePath path, int fd, Content content, FileStat stat, long length) {}

    /** Which file a sibling was before it was compressed, as far as the chain or an open pin can tell. */
    private sealed interface Match {
        /** One that is open by its pin: all of it is there. */
        record Open(LogFile file) implements Match {}

        /** One that was captured, or that will be by its pin. */
        record Elsewhere() implements Match {}

        /** One that the chain knows, and that is to be read on. */
        record Known(FileTable.Followed file) implements Match {}

        /** None. */
        record None() implements Match {}
    }

    /**
     * @param isWhole whether the chain knows every file that was followed and has not ended
     * @param newestSegment the sequence of the chain's last segment when the agent started
     */
    Absence(
            Kernel kernel,
            Draft draft,
            Resumption resumption,
            Pins pins,
            FileSet files,
            boolean isWhole,
            long newestSegment,
            Consumer<String> complaints) {
        this.kernel = kernel;
        this.draft = draft;
        this.resumption = resumption;
        this.pins = pins;
        this.files = files;
        this.isWhole = isWhole;
        this.newestSegment = newestSegment;
        this.complaints = complaints;
        list();
    }

    private void list() {
        try {
            pinned.addAll(pins.left());
            isListed = true;
            if (!pinned.isEmpty()) {
                files.useIdsAbove(pinned.getLast().id());
            }
        } catch (ErrnoException refused) {
            complaints.accept("what an earlier run pinned cannot be found: " + refused.getMessage());
            isListed = !isPatient || refused.isNotFound();
        }
    }

    /** Whether it is not even known which pins there are; it is tried again. Until then nothing may be followed. */
    boolean isWaiting() {
        return !isListed;
    }

    /** Whether there are pins that were not looked at yet. */
    boolean hasPins() {
        return !isListed || !pinned.isEmpty();
    }

    /** Takes up pinned files, as many as the segment under way has room for. */
    List<LogFile> takeUpPins() {
        int before = taken.size();
        while (!pinned.isEmpty() && draft.hasRoomForEntries()) {
            Pins.Left left = pinned.remove();
            FileTable.Followed known = resumption.find(left.id());
            try {
                if (known == null && left.id() < resumption.nextFile() && isWhole) {
                    pins.release(left, newestSegment);
                    continue;
                }
                LogFile file = takeUp(left, known == null ? left.path() : known.path());
                if (file != null) {
                    file.adrift = true;
                    taken.add(file);
                }
            } catch (ErrnoException refused) {
                refused(left, refused);
            } catch (MalformedException damaged) {
                files.vanished(left.source(), GapCause.READ_ERROR, String.valueOf(damaged.getMessage()));
            }
        }
        return List.copyOf(taken.subList(before, taken.size()));
    }

    private void refused(Pins.Left left, ErrnoException refused) {
        if (isPatient && !refused.isNotFound()) {
            postponed.put(left.id(), left);
        } else {
            files.vanished(left.source(), GapCause.READ_ERROR, "its pin cannot be read: " + refused.getMessage());
        }
    }

    /** Tries again what was refused, for the last time if {@code isPatientOn} is false. */
    void retry(boolean isPatientOn) {
        isPatient = isPatientOn;
        if (!isListed) {
            list();
        }
        pinned.addAll(postponed.values());
        postponed.clear();
    }

    /** Whether a file that the chain knows has a pin that cannot be read at the moment. */
    boolean awaits(int file) {
        return postponed.containsKey(file);
    }

    private @Nullable LogFile takeUp(Pins.Left left, FilePath path) throws ErrnoException, MalformedException {
        int fd = kernel.open(left.pin());
        try {
            return files.takeUp(left, path, fd, kernel.stat(fd));
        } catch (ErrnoException | MalformedException | RuntimeException e) {
            kernel.close(fd);
            throw e;
        }
    }

    /**
     * Every directory was looked at. Files whose names were not found are gone from where they were, and what came behind
     * them may be gone, too.
     *
     * @return false if the segment under way had no room to say so of all of them
     */
    boolean conclude() {
        if (hasPins() || !postponed.isEmpty()) {
            return false;
        }
        while (!taken.isEmpty() && draft.hasRoomForEntries()) {
            LogFile file = taken.removeLast();
            if (file.adrift && mayHaveHadFollowers(file)) {
                files.vanished(
                        file.source,
                        GapCause.VANISHED,
                        "the file that was followed was removed while no agent ran; whether others came and went after"
                                + " it is not known");
            }
            file.adrift = false;
        }
        return taken.isEmpty();
    }

    private boolean mayHaveHadFollowers(LogFile file) {
        boolean isFollowed =
                files.all().stream().anyMatch(other -> other.id > file.id && other.source.equals(file.source));
        return isFollowed
                || withFollowers.contains(file.source)
                || RotationForecast.mayHaveBeenRotated(Math.max(file.size, file.offset));
    }

    /**
     * Looks at the compressed files of a directory, the first time that it is looked at.
     *
     * @param changed takes the files in which there is something to read, in the order in which they were written
     * @return false if the segment under way had no room for all of them
     */
    boolean catchUp(Directory directory, Map<FilePath, DirectoryEntry> entries, List<LogFile> changed) {
        Map<FilePath, List<FilePath>> bySource = new TreeMap<>();
        Set<FilePath> withKnown = new HashSet<>();
        for (DirectoryEntry entry : entries.values()) {
            FilePath live = RotatedName.liveNameOfCompressed(entry.name());
            if (live != null && Candidate.isWanted(directory, live)) {
                bySource.computeIfAbsent(directory.path.resolve(live), _ -> new ArrayList<>())
                        .add(directory.path.resolve(entry.name()));
            } else if (isKnown(directory.path.resolve(entry.name()), entry.inode())) {
                FilePath plain = RotatedName.liveNameOf(entry.name());
                withKnown.add(directory.path.resolve(plain == null ? entry.name() : plain));
            }
        }
        for (Map.Entry<FilePath, List<FilePath>> each : bySource.entrySet()) {
            if (!draft.hasRoomForEntries()) {
                return false;
            }
            if (directory.caughtUp.add(each.getKey())) {
                catchUp(directory, each.getKey(), open(each.getKey(), each.getValue()), withKnown, changed);
            }
        }
        return true;
    }

    /** An inode's number may be that of another file by now, and so may be all that is known of one without birth. */
    private boolean isKnown(FilePath path, long inode) {
        if (!files.has(inode) && !resumption.has(inode)) {
            return false;
        }
        try {
            FileStat stat = kernel.stat(path);
            FileTable.Followed known = resumption.known(stat);
            return files.get(stat) != null || (known != null && begins(path, known));
        } catch (ErrnoException gone) {
            return false;
        }
    }

    private boolean begins(FilePath path, FileTable.Followed known) throws ErrnoException {
        int fd = kernel.open(path);
        try {
            return FirstBytes.match(Content.plain(kernel, fd), known.fingerprint());
        } catch (MalformedException impossible) {
            throw new IllegalStateException("plain bytes are malformed", impossible);
        } finally {
            kernel.close(fd);
        }
    }

    /** Opens compressed siblings, oldest first. They were compressed one after the other, whatever their names say. */
    private List<Sibling> open(FilePath source, List<FilePath> paths) {
        List<Sibling> siblings = new ArrayList<>();
        for (FilePath path : paths) {
            try {
                int fd = kernel.open(path);
                FileStat stat = kernel.stat(fd);
                long length = Gunzip.statedLength(kernel, fd, stat);
                siblings.add(new Sibling(path, fd, Content.compressed(kernel, fd), stat, length));
            } catch (ErrnoException refused) {
                files.vanished(source, GapCause.READ_ERROR, String.valueOf(refused.getMessage()));
            }
        }
        siblings.sort(
                Comparator.comparingLong((Sibling sibling) -> sibling.stat().modifiedNanos())
                        .thenComparing(Sibling::path));
        return siblings;
    }

    /** @param withKnown sources of which a known file is here that is not compressed, and so newer than all that are */
    private void catchUp(
            Directory directory,
            FilePath source,
            List<Sibling> siblings,
            Set<FilePath> withKnown,
            List<LogFile> changed) {
        List<LogFile> open = files.all().stream()
                .filter(file -> file.source.equals(source) && !file.content.isCompressed())
                .toList();
        List<FileTable.Followed> known = resumption.of(source);
        List<Match> matches =
                siblings.stream().map(sibling -> match(sibling, open, known)).toList();
        int firstNew = siblings.size();
        while (firstNew > 0 && matches.get(firstNew - 1) instanceof Match.None) {
            firstNew--;
        }
        if (withKnown.contains(source)) {
            firstNew = siblings.size();
        }
        for (int i = 0; i < siblings.size(); i++) {
            LogFile file = i < firstNew
                    ? takeUp(directory, siblings.get(i), matches.get(i))
                    : follow(directory, source, siblings.get(i));
            if (file != null) {
                file.size = siblings.get(i).length();
                changed.add(file);
            }
        }
    }

    private Match match(Sibling sibling, List<LogFile> open, List<FileTable.Followed> known) {
        try {
            LogFile held = files.get(sibling.stat());
            if (held != null) {
                return new Match.Open(held);
            }
            if (pins.isCaptured(sibling.stat())) {
                return new Match.Elsewhere();
            }
            FileTable.Followed same = resumption.known(sibling.stat());
            if (same != null) {
                return new Match.Known(same);
            }
            FirstBytes first = FirstBytes.of(sibling.content(), Fingerprint.MOST);
            for (LogFile file : open) {
                if (kernel.stat(file.fd).size() == sibling.length()
                        && first.fingerprint()
                                .equals(FirstBytes.of(file.content, Fingerprint.MOST)
                                        .fingerprint())) {
                    return new Match.Open(file);
                }
            }
            for (FileTable.Followed file : known) {
                if (file.fingerprint().length() > 0
                        && sibling.length() >= file.offset()
                        && FirstBytes.match(sibling.content(), file.fingerprint())) {
                    return awaits(file.id()) ? new Match.Elsewhere() : new Match.Known(file);
                }
            }
            return new Match.None();
        } catch (ErrnoException | MalformedException unreadable) {
            return new Match.None();
        } finally {
            sibling.content().close();
        }
    }

    /** What the chain has begun is read on; what is older, or open already, has been captured or will be. */
    private @Nullable LogFile takeUp(Directory directory, Sibling sibling, Match match) {
        if (match instanceof Match.Known known) {
            try {
                return files.takeUp(
                        directory,
                        resumption.resume(
                                known.file(), sibling.path(), sibling.fd(), sibling.content(), sibling.stat()));
            } catch (ErrnoException | MalformedException unreadable) {
                // It could be read a moment ago; what the chain knows of it is given up with what was not found.
                kernel.close(sibling.fd());
                return null;
            }
        }
        if (match instanceof Match.Open open) {
            open.file().adrift = false;
        }
        kernel.close(sibling.fd());
        return null;
    }

    private LogFile follow(Directory directory, FilePath source, Sibling sibling) {
        withFollowers.add(source);
        return files.follow(directory, source, sibling.path(), sibling.fd(), sibling.content(), sibling.stat());
    }
}
