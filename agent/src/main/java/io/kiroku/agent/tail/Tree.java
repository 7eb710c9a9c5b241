package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
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
    /** Directories entered, at most; what lies in others is reported. */
    static final int MOST_DIRECTORIES = 16_384;

    private final Kernel kernel;
    private final Listings listings;
    private final Directory root = new Directory(FilePath.of("/"), 0);
    private final Watches watches;
    private final Set<Directory> dirty = new LinkedHashSet<>();
    private final Set<Directory> lookedAtLater = new LinkedHashSet<>();
    private final Set<Directory> settling = new LinkedHashSet<>();
    private int directories = 1;

    Tree(Kernel kernel, List<PathPattern> patterns, Complaints complaints) {
        this.kernel = kernel;
        this.listings = new Listings(kernel, complaints);
        this.watches = new Watches(kernel);
        for (PathPattern pattern : patterns) {
            root.rests.add(pattern.start());
        }
        dirty.add(root);
    }

    /** Takes an event of a directory's watch. False if the watch is not one of a directory. */
    boolean take(WatchEvent event) {
        List<Directory> directories = watches.of(event.watch());
        if (directories == null) {
            return false;
        }
        for (Directory directory : directories) {
            if (isOfInterest(directory, event.name())) {
                dirty.add(directory);
            }
            if (event.isMovedTo() && event.isDirectory() && event.name() != null) {
                directory.movedIn.add(event.name());
            }
            if (event.isCreated() && event.name() != null) {
                born(directory, event.name(), event.isDirectory());
            }
        }
        if (watches.isEndedBy(event)) {
            dirty.addAll(watches.end(event.watch()));
        }
        return true;
    }

    private void born(Directory directory, FilePath name, boolean isDirectory) {
        if (!isDirectory && Candidate.isWanted(directory, name)) {
            directory.births.told(name);
            settling.add(directory);
        } else if (isDirectory && leadsOn(directory, name) && !directory.children.containsKey(name)) {
            directory.made.add(name);
        }
    }

    private static boolean leadsOn(Directory directory, FilePath name) {
        return directory.rests.stream().anyMatch(rest -> !rest.below(name).isEmpty());
    }

    /** No events are left of what happened before now. */
    void settled() {
        settling.forEach(directory -> directory.births.settled());
        settling.clear();
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

    /** Everything must be looked at: events were lost. So may have been the word that a watch is gone. */
    void overflowed() {
        watches.forget();
        markAll(root);
    }

    private void markAll(Directory directory) {
        directory.watch = Directory.NOT_WATCHED;
        directory.births.forget();
        directory.made.clear();
        directory.movedIn.clear();
        dirty.add(directory);
        directory.children.values().forEach(this::markAll);
    }

    /** The directory is looked at once more. */
    void lookAgain(Directory directory) {
        dirty.add(directory);
    }

    /** The directory is looked at once more in a while: not all that concerns it is told by events. */
    void lookAgainLater(Directory directory) {
        if (directory.isAttached()) {
            lookedAtLater.add(directory);
        }
    }

    /** That while is over. */
    void lookAgainNow() {
        dirty.addAll(lookedAtLater);
        lookedAtLater.clear();
    }

    /** Whether everything that the patterns lead to could be looked at. */
    boolean isReadable() {
        Deque<Directory> left = new ArrayDeque<>(List.of(root));
        while (!left.isEmpty()) {
            Directory next = left.pop();
            boolean hasRefused = next.unopened.values().stream().anyMatch(file -> file.cause() == GapCause.READ_ERROR);
            if (next.unreadable || hasRefused) {
                return false;
            }
            left.addAll(next.children.values());
        }
        return true;
    }

    /** Whether the patterns lead into that directory, if it is there. */
    boolean leadsTo(FilePath directory) {
        return !restsOf(directory).isEmpty();
    }

    private Set<PathPattern.Rest> restsOf(FilePath directory) {
        if (directory.equals(root.path)) {
            return root.rests;
        }
        Set<PathPattern.Rest> rests = new HashSet<>();
        restsOf(directory.parent()).forEach(rest -> rests.addAll(rest.below(directory.name())));
        return rests;
    }

    /** The number of directories that are watched. */
    int size() {
        return watches.size();
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
     * @return its entries by name; none if it is gone; null if it cannot be read, and nothing is known of it
     */
    @Nullable
    Map<FilePath, DirectoryEntry> look(Directory directory) {
        lookedAtLater.remove(directory);
        directory.unreadable = false;
        watch(directory);
        Map<FilePath, DirectoryEntry> entries = listings.list(directory);
        if (entries == null) {
            lookAgainLater(directory);
            return null;
        }
        settling.add(directory);
        missed(directory, entries);
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
        enter(directory, entries, below);
        directory.movedIn.clear();
        directory.cameByMove = false;
        directory.known = true;
        return entries;
    }

    /** Which directories were made since the last look, and are gone? */
    private static void missed(Directory directory, Map<FilePath, DirectoryEntry> entries) {
        for (FilePath name : directory.made) {
            if (!entries.containsKey(name)) {
                directory.missed.add(directory.path.resolve(name));
            }
        }
        directory.made.clear();
    }

    private static boolean mayBeDirectory(DirectoryEntry entry, PathPattern.Rest rest) {
        return switch (entry.kind()) {
            case DIRECTORY, UNKNOWN -> true;
            case SYMLINK -> rest.entersLinks();
            case REGULAR, OTHER -> false;
        };
    }

    private void enter(
            Directory directory, Map<FilePath, DirectoryEntry> entries, Map<FilePath, List<PathPattern.Rest>> below) {
        directory.children.entrySet().removeIf(child -> {
            boolean unlisted = !below.containsKey(child.getKey());
            boolean gone =
                    (unlisted && !directory.truncated) || isAnother(child.getValue(), entries.get(child.getKey()));
            if (gone) {
                leave(child.getValue());
            }
            return gone;
        });
        below.forEach((name, rests) -> {
            DirectoryEntry entry = entries.get(name);
            if (entry == null || entry.kind() != DirectoryEntry.Kind.DIRECTORY) {
                // What happens where a symlink leads to, or what is mounted here, no event of this directory tells.
                lookAgainLater(directory);
            }
            Directory child = directory.children.get(name);
            if (child == null && directory.depth < PathPattern.MOST_DEPTH) {
                child = create(directory, name, entry);
            }
            if (child != null && child.rests.addAll(rests)) {
                dirty.add(child);
            }
        });
    }

    /** Whether what is under the directory's path now is something else. */
    private boolean isAnother(Directory directory, @Nullable DirectoryEntry entry) {
        if (directory.listedInode != 0 && inodeOf(entry) == directory.listedInode) {
            return false;
        }
        try {
            FileStat stat = kernel.stat(directory.path);
            return !stat.isDirectory() || stat.inode() != directory.inode;
        } catch (ErrnoException refused) {
            return refused.isNotFound();
        }
    }

    /** The inode that its parent lists for a directory; 0 if what it lists is not the directory itself. */
    private static long inodeOf(@Nullable DirectoryEntry entry) {
        return entry != null && entry.kind() == DirectoryEntry.Kind.DIRECTORY ? entry.inode() : 0;
    }

    private @Nullable Directory create(Directory parent, FilePath name, @Nullable DirectoryEntry entry) {
        if (parent.path.length() + 1 + name.length() > FilePath.MAX_LENGTH) {
            return null;
        }
        if (directories >= MOST_DIRECTORIES) {
            lookAgainLater(parent);
            listings.complain(
                    parent,
                    "it has directories that are not entered: %d are, which is the most".formatted(directories));
            return null;
        }
        FilePath path = parent.path.resolve(name);
        try {
            FileStat stat = kernel.stat(path);
            if (!stat.isDirectory()) {
                return null;
            }
            Directory child = new Directory(path, parent.depth + 1);
            child.inode = stat.inode();
            child.cameByMove = parent.cameByMove || parent.movedIn.contains(name);
            child.isMoved = child.cameByMove;
            child.listedInode = inodeOf(entry);
            child.isNew = !child.cameByMove && (parent.known || parent.isNew);
            parent.children.put(name, child);
            dirty.add(child);
            directories++;
            return child;
        } catch (ErrnoException refused) {
            if (!refused.isNotFound()) {
                parent.unreadable = true;
                lookAgainLater(parent);
            } else if (entry != null && entry.kind() == DirectoryEntry.Kind.DIRECTORY) {
                parent.missed.add(path);
            }
            return null;
        }
    }

    /** The directory is gone. Its files are still held; they are looked at once more for their last bytes. */
    private void leave(Directory directory) {
        Deque<Directory> left = new ArrayDeque<>(List.of(directory));
        while (!left.isEmpty()) {
            Directory next = left.pop();
            left.addAll(next.children.values());
            Listings.missedUnlisted(next);
            next.children.clear();
            next.rests.clear();
            directories--;
            lookedAtLater.remove(next);
            watches.leave(next);
            dirty.add(next);
        }
    }

    private void watch(Directory directory) {
        if (directory.watch != Directory.NOT_WATCHED || !directory.isAttached()) {
            return;
        }
        try {
            watches.begin(directory);
        } catch (ErrnoException refused) {
            if (!refused.isNotFound()) {
                lookAgainLater(directory);
                listings.complain(
                        directory, "it cannot be watched and is looked at every second: " + refused.getMessage());
            }
        }
    }
}
