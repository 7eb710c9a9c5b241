package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import java.util.Comparator;
import java.util.Optional;

/**
 * The bound on bytes that are on disk only because the agent holds them, by pins and by descriptors of files without another
 * name. Over it, files that were read to their end go first, then those that are closest to it: so the least is lost.
 */
final class PinBudget {
    private final Kernel kernel;
    private final FileSet files;
    private final Pins pins;
    private final long most;
    private long held;

    /** @param most in bytes */
    PinBudget(Kernel kernel, FileSet files, Pins pins, long most) {
        this.kernel = kernel;
        this.files = files;
        this.pins = pins;
        this.most = most;
    }

    /** The bytes held when it was last enforced. */
    long held() {
        return held;
    }

    /** Lets go what exceeds the budget. */
    void enforce() {
        long unread = 0;
        for (LogFile file : files.all()) {
            unread += file.deleted ? measure(file) : 0;
        }
        while (unread + pins.releasedBytes() > most && pins.hasReleased()) {
            pins.dropOldestReleased();
        }
        while (unread + pins.releasedBytes() > most) {
            Optional<LogFile> victim = victim();
            if (victim.isEmpty()) {
                break;
            }
            unread -= measure(victim.get());
            files.letGo(victim.get(), most);
        }
        held = unread + pins.releasedBytes();
    }

    /** What the file takes on the disk; for one that is compressed that is less than the log in it. */
    private long measure(LogFile file) {
        try {
            long length = kernel.stat(file.fd).size();
            if (!file.content.isCompressed()) {
                file.size = length;
            }
            return length;
        } catch (ErrnoException unknown) {
            return file.size;
        }
    }

    private Optional<LogFile> victim() {
        return files.all().stream()
                .filter(file -> file.deleted && !file.adrift && files.mayBeLetGo())
                .min(Comparator.comparingLong(LogFile::pending).thenComparingInt(file -> file.id));
    }
}
