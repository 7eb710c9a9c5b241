package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.DirectoryListing;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.FilePath;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What directories hold, and what they must have held of which nothing is left. */
final class Listings {
    /** Names read of one directory, at most; the rest is reported. */
    static final int MOST_ENTRIES = 65_536;

    private final Kernel kernel;
    private final Complaints complaints;

    Listings(Kernel kernel, Complaints complaints) {
        this.kernel = kernel;
        this.complaints = complaints;
    }

    /** The directory is gone. Was it ever looked at? */
    static void missedUnlisted(Directory directory) {
        if (!directory.listed) {
            directory.missed.add(directory.path);
            directory.listed = true;
        }
    }

    /** The names in it; none if it is gone or only leads on to fixed ones; null if it cannot be read, which is reported. */
    @Nullable
    Map<FilePath, DirectoryEntry> list(Directory directory) {
        Map<FilePath, DirectoryEntry> entries = new HashMap<>();
        if (!directory.isAttached() || leadsOnlyOn(directory)) {
            directory.listed = true;
            return entries;
        }
        try {
            DirectoryListing listing = kernel.list(directory.path, MOST_ENTRIES);
            for (DirectoryEntry entry : listing.entries()) {
                entries.put(entry.name(), entry);
            }
            if (!directory.listed && directory.isNew && entries.isEmpty() && hadNames(directory)) {
                directory.missed.add(directory.path);
            }
            directory.listed = true;
            directory.truncated = listing.truncated();
            if (listing.truncated()) {
                complain(directory, "it has more than " + MOST_ENTRIES + " names; the rest is not looked at");
            } else {
                directory.reported &= directory.watch == Directory.NOT_WATCHED;
            }
        } catch (ErrnoException unreadable) {
            if (unreadable.isNotFound()) {
                missedUnlisted(directory);
            } else {
                directory.unreadable = true;
                complain(directory, "it cannot be read: " + unreadable.getMessage());
                return null;
            }
        }
        return entries;
    }

    /** Whether the empty directory had names before: its last change is then younger than itself. Or it is gone by now. */
    private boolean hadNames(Directory directory) {
        try {
            FileStat stat = kernel.stat(directory.path);
            return stat.birthNanos() != 0 && stat.modifiedNanos() > stat.birthNanos();
        } catch (ErrnoException refused) {
            return refused.isNotFound();
        }
    }

    private static boolean leadsOnlyOn(Directory directory) {
        return directory.rests.stream().allMatch(rest -> rest.literalDirectory() != null);
    }

    /** Reports it, unless that was done and it has not worked again since. */
    void complain(Directory directory, String sentence) {
        if (!directory.reported && !leadsOnlyOn(directory)) {
            directory.reported = true;
            complaints.about(directory.path, sentence);
        }
    }
}
