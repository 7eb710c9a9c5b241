package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.os.WatchMask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The watches of directories. A directory that several paths lead to has one watch for all of them. */
final class Watches {
    private static final int WATCHED = WatchMask.CREATE
            | WatchMask.DELETE
            | WatchMask.MOVED_FROM
            | WatchMask.MOVED_TO
            | WatchMask.DELETE_SELF
            | WatchMask.MOVE_SELF
            | WatchMask.ONLY_DIRECTORY;

    private final Kernel kernel;
    private final Map<Integer, List<Directory>> byWatch = new HashMap<>();

    Watches(Kernel kernel) {
        this.kernel = kernel;
    }

    int size() {
        return byWatch.size();
    }

    /** The directories behind a watch; null if it is none of a directory. */
    @Nullable
    List<Directory> of(int watch) {
        return byWatch.get(watch);
    }

    void begin(Directory directory) throws ErrnoException {
        directory.watch = kernel.watch(directory.path, WATCHED);
        byWatch.computeIfAbsent(directory.watch, _ -> new ArrayList<>()).add(directory);
    }

    /** Whether the watch ends with the event: a directory that was moved is not the one of its path any more. */
    boolean isEndedBy(WatchEvent event) {
        if (event.has(WatchMask.MOVE_SELF)) {
            kernel.unwatch(event.watch());
        }
        return event.isIgnored() || event.has(WatchMask.MOVE_SELF | WatchMask.UNMOUNT);
    }

    /** The watch is gone. Returns the directories that have none now. */
    List<Directory> end(int watch) {
        List<Directory> directories = byWatch.remove(watch);
        if (directories == null) {
            return List.of();
        }
        directories.forEach(directory -> directory.watch = Directory.NOT_WATCHED);
        return directories;
    }

    /** The directory needs its watch no more; others may. */
    void leave(Directory directory) {
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

    /** Nothing is known of any watch: the word that one is gone may be lost. */
    void forget() {
        byWatch.clear();
    }
}
