package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.MalformedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happened while no agent ran. Pinned files are taken up from their pins. And where a file that was followed is nowhere
 * among its siblings any more, others may have come and gone behind it: that is a gap, of a length that nobody can know.
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

    /** Sources of which it was said that more may be missing. */
    private final Set<FilePath> told = new HashSet<>();

    private final CompressedFiles compressed;
    private final int wholeFrom;
    private final long newestSegment;
    private final Consumer<String> complaints;

    /**
     * @param wholeFrom from which file id on the chain knows every file that was followed and has not ended
     * @param newestSegment the sequence of the chain's last segment when the agent started
     */
    Absence(
            Kernel kernel,
            Draft draft,
            Resumption resumption,
            Pins pins,
            FileSet files,
            CompressedFiles compressed,
            int wholeFrom,
            long newestSegment,
            Consumer<String> complaints) {
        this.kernel = kernel;
        this.draft = draft;
        this.resumption = resumption;
        this.pins = pins;
        this.files = files;
        this.compressed = compressed;
        this.wholeFrom = wholeFrom;
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
                if (known == null && left.id() < resumption.nextFile() && left.id() >= wholeFrom) {
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
            if (file.adrift && mayHaveHadFollowers(file) && told.add(file.source)) {
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
                || compressed.hasUnseenOf(file.source)
                || RotationForecast.mayHaveBeenRotated(Math.max(file.size, file.offset));
    }
}
