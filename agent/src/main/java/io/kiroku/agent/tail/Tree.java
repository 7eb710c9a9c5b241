package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.DirectoryListing;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.os.WatchMask;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directories that the patterns lead through, each with a watch. An event only makes a directory one to be looked at;
 * what is there is learned by looking. So an event that was lost, or came for a name that has moved on since, does no harm,
 * and a start, a rotation and an overflow of the kernel's queue are all handled by the same look.
 */
final class Tree {
    /** Names read of one directory, at most; the rest is reported. */
    static final int MOST_ENTRIES = 65_536;

    private static final int WATCHED = WatchMask.CREATE
            | WatchMask.DELETE
            | WatchMask.MOVED_FROM
            | WatchMask.MOVED_TO
            | WatchMask.DELETE_SELF
            | WatchMask.MOVE_SELF
            | WatchMask.ONLY_DIRECTORY;

    /** Takes complaints about directories. */
    interface Complaints {
        void about(FilePath path, String sentence);
    }

    private final Kernel kernel;
    private final Complaints complaints;
    private final Directory root = new Directory(FilePath.of("/"), 0);
    private final Map<Integer, List<Directory>> byWatch = new HashMap<>();
    private final Set<Directory> dirty = new LinkedHashSet<>();
    private final Set<Directory> unwatched = new LinkedHashSet<>();

    Tree(Kernel kernel, List<PathPattern> patterns, Complaints complaints) {
        this.kernel = kernel;
        this.complaints = complaints;
        for (PathPattern pattern : patterns) {
            root.rests.add(pattern.start());
        }
        dirty.add(root);
    }

    /** Takes an event of a directory's watch. False if the watch is not one of a directory. */
    boolean take(WatchEvent event) {
        List<Directory> directories = byWatch.get(event.watch());
        if (directories == null) {
            return false;
        }
        for (Directory directory : directories) {
            if (isOfInterest(directory, event.name())) {
                dirty.add(directory);
            }
        }
        if (event.isIgnored() || event.has(WatchMask.MOVE_SELF | WatchMask.UNMOUNT)) {
            byWatch.remove(event.watch());
            for (Directory directory : directories) {
                directory.watch = Directory.NOT_WATCHED;
                dirty.add(directory);
            }
        }
        return true;
    }

    /** In a directory that only leads on to one fixed name, such as /, other names need no look. */
    private static boolean isOfInterest(Directory directory, @Nullable FilePath name) {
        if (name == null || !directory.files.isEmpty()) {
            return true;
        }
        for (PathPattern.Rest rest : directory.rests) {
            FilePath literal = rest.literalDirectory();
            if (literal == null || literal.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Everything must be looked at: events were lost. */
    void overflowed() {
        markAll(root);
    }

    private void markAll(Directory directory) {
        dirty.add(directory);
        directory.children.values().forEach(this::markAll);
    }

    /** Directories without a watch are looked at now and then. */
    void markUnwatched() {
        dirty.addAll(unwatched);
    }

    /** The number of directories that are watched. */
    int size() {
        return byWatch.size();
    }

    boolean hasDirty() {
        return !dirty.isEmpty();
    }

    /** The next directory to be looked at, parents before what was found in them; null if there is none. */
    @Nullable
    Directory nextDirty() {
        var iterator = dirty.iterator();
        if (!iterator.hasNext()) {
            return null;
        }
        Directory next = iterator.next();
        iterator.remove();
        return next;
    }

    /**
     * Reads a directory: enters the directories in it that the patterns lead into, and returns the names in it.
     *
     * @return its entries by name; empty if it is gone or cannot be read
     */
    Map<FilePath, DirectoryEntry> look(Directory directory) {
        watch(directory);
        Map<FilePath, DirectoryEntry> entries = list(directory);
        Map<FilePath, List<PathPattern.Rest>> below = new HashMap<>();
        for (PathPattern.Rest rest : directory.rests) {
            FilePath literal = rest.literalDirectory();
            Collection<FilePath> names = literal == null ? entries.keySet() : List.of(literal);
            for (FilePath name : names) {
                DirectoryEntry entry = entries.get(name);
                boolean followed = entry == null || mayBeDirectory(entry, rest);
                List<PathPattern.Rest> rests = followed ? rest.below(name) : List.of();
                if (!rests.isEmpty()) {
                    below.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(rests);
                }
            }
        }
        enter(directory, below);
        return entries;
    }

    private static boolean mayBeDirectory(DirectoryEntry entry, PathPattern.Rest rest) {
        return switch (entry.kind()) {
            case DIRECTORY, UNKNOWN -> true;
            case SYMLINK -> rest.entersLinks();
            case REGULAR, OTHER -> false;
        };
    }

    private void enter(Directory directory, Map<FilePath, List<PathPattern.Rest>> below) {
        directory.children.entrySet().removeIf(child -> {
            FileStat stat = below.containsKey(child.getKey()) ? statDirectory(child.getValue().path) : null;
            boolean gone = stat == null || stat.inode() != child.getValue().inode;
            if (gone) {
                leave(child.getValue());
            }
            return gone;
        });
        below.forEach((name, rests) -> {
            Directory child = directory.children.get(name);
            if (child == null && directory.depth < PathPattern.MOST_DEPTH) {
                child = create(directory, name);
            }
            if (child != null && child.rests.addAll(rests)) {
                dirty.add(child);
            }
        });
    }

    private @Nullable Directory create(Directory parent, FilePath name) {
        if (parent.path.length() + 1 + name.length() > FilePath.MAX_LENGTH) {
            return null;
        }
        FilePath path = parent.path.resolve(name);
        FileStat stat = statDirectory(path);
        if (stat == null) {
            return null;
        }
        Directory child = new Directory(path, parent.depth + 1);
        child.inode = stat.inode();
        parent.children.put(name, child);
        dirty.add(child);
        return child;
    }

    private @Nullable FileStat statDirectory(FilePath path) {
        try {
            FileStat stat = kernel.stat(path);
            return stat.isDirectory() ? stat : null;
        } catch (ErrnoException gone) {
            return null;
        }
    }

    /** The directory is gone. Its files are still held; they are looked at once more for their last bytes. */
    private void leave(Directory directory) {
        Deque<Directory> left = new ArrayDeque<>(List.of(directory));
        while (!left.isEmpty()) {
            Directory next = left.pop();
            left.addAll(next.children.values());
            next.children.clear();
            next.rests.clear();
            unwatched.remove(next);
            if (next.watch != Directory.NOT_WATCHED) {
                unwatch(next);
            }
            dirty.add(next);
        }
    }

    private void unwatch(Directory directory) {
        List<Directory> sharing = byWatch.get(directory.watch);
        if (sharing != null) {
            sharing.remove(directory);
            if (sharing.isEmpty()) {
                byWatch.remove(directory.watch);
                kernel.unwatch(directory.watch);
            }
        }
        directory.watch = Directory.NOT_WATCHED;
    }

    private void watch(Directory directory) {
        if (directory.watch != Directory.NOT_WATCHED || directory.rests.isEmpty()) {
            return;
        }
        try {
            directory.watch = kernel.watch(directory.path, WATCHED);
            byWatch.computeIfAbsent(directory.watch, _ -> new ArrayList<>()).add(directory);
            unwatched.remove(directory);
        } catch (ErrnoException refused) {
            if (!refused.isNotFound()) {
                unwatched.add(directory);
                complain(directory, "it cannot be watched and is looked at every second: " + refused.getMessage());
            }
        }
    }

    private Map<FilePath, DirectoryEntry> list(Directory directory) {
        Map<FilePath, DirectoryEntry> entries = new HashMap<>();
        if (directory.rests.isEmpty() || leadsOnlyOn(directory)) {
            return entries;
        }
        try {
            DirectoryListing listing = kernel.list(directory.path, MOST_ENTRIES);
            for (DirectoryEntry entry : listing.entries()) {
                entries.put(entry.name(), entry);
            }
            if (listing.truncated()) {
                complain(directory, "it has more than " + MOST_ENTRIES + " names; the rest is not looked at");
            } else {
                directory.reported &= directory.watch == Directory.NOT_WATCHED;
            }
        } catch (ErrnoException unreadable) {
            if (!unreadable.isNotFound()) {
                unwatched.add(directory);
                complain(directory, "it cannot be read: " + unreadable.getMessage());
            }
        }
        return entries;
    }

    private static boolean leadsOnlyOn(Directory directory) {
        return directory.rests.stream().allMatch(rest -> rest.literalDirectory() != null);
    }

    private void complain(Directory directory, String sentence) {
        if (!directory.reported && !leadsOnlyOn(directory)) {
            directory.reported = true;
            complaints.about(directory.path, sentence);
        }
    }
}
