package io.kiroku.agent.simulation;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.os.WatchMask;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One inotify instance as inotify(7) describes it: one watch per inode, a bounded queue that drops what does not fit and
 * says so once, equal neighbours merged, one-shot watches gone with their first event even if that is dropped.
 */
final class SimNotifier {
    private record Watch(SimInode inode, int mask) {}

    private static final int FLAGS = WatchMask.ONLY_DIRECTORY
            | WatchMask.DONT_FOLLOW
            | WatchMask.EXCLUDE_UNLINKED
            | WatchMask.MASK_CREATE
            | WatchMask.MASK_ADD;

    private final Map<Integer, Watch> watches = new HashMap<>();
    private final Map<SimInode, Integer> numbers = new HashMap<>();
    private final Deque<WatchEvent> queue = new ArrayDeque<>();
    private int last;
    private int mostWatches = Integer.MAX_VALUE;
    private int mostEvents = 16_384;

    /** fs.inotify.max_user_watches. */
    void limitWatches(int most) {
        mostWatches = most;
    }

    /** fs.inotify.max_queued_events. */
    void limitEvents(int most) {
        mostEvents = most;
    }

    int watches() {
        return watches.size();
    }

    boolean hasEvents() {
        return !queue.isEmpty();
    }

    int add(SimInode inode, FilePath path, int mask) throws ErrnoException {
        if ((mask & WatchMask.ONLY_DIRECTORY) != 0 && inode.kind != SimInode.Kind.DIRECTORY) {
            throw failed(Errno.ENOTDIR, path);
        }
        if (inode.denied) {
            throw failed(Errno.EACCES, path);
        }
        Integer known = numbers.get(inode);
        if (known != null) {
            Watch before = watches.get(known);
            int added = (mask & WatchMask.MASK_ADD) != 0 && before != null ? before.mask() : 0;
            watches.put(known, new Watch(inode, added | (mask & ~FLAGS)));
            return known;
        }
        if (watches.size() >= mostWatches) {
            throw failed(Errno.ENOSPC, path);
        }
        int number = ++last;
        numbers.put(inode, number);
        watches.put(number, new Watch(inode, mask & ~FLAGS));
        return number;
    }

    private static ErrnoException failed(Errno errno, FilePath path) {
        return new ErrnoException(errno.number(), ErrnoException.ADD_WATCH, path);
    }

    void remove(int number) {
        Watch watch = watches.remove(number);
        if (watch != null) {
            numbers.remove(watch.inode());
            put(new WatchEvent(number, WatchMask.IGNORED, 0, null));
        }
    }

    /** Something happened to an inode, or to a name in it. */
    void happened(SimInode inode, int what, int cookie, @Nullable FilePath name) {
        Integer number = numbers.get(inode);
        Watch watch = number == null ? null : watches.get(number);
        if (number == null || watch == null || (watch.mask() & what & ~WatchMask.DIRECTORY) == 0) {
            return;
        }
        put(new WatchEvent(number, what, cookie, name));
        if ((watch.mask() & WatchMask.ONE_SHOT) != 0) {
            remove(number);
        }
    }

    /** The inode is no more. */
    void freed(SimInode inode) {
        happened(inode, WatchMask.DELETE_SELF, 0, null);
        Integer number = numbers.get(inode);
        if (number != null) {
            remove(number);
        }
    }

    private void put(WatchEvent event) {
        WatchEvent before = queue.peekLast();
        if (event.equals(before)) {
            return;
        }
        if (queue.size() < mostEvents) {
            queue.add(event);
        } else if (before == null || !before.isOverflow()) {
            queue.add(new WatchEvent(-1, WatchMask.OVERFLOW, 0, null));
        }
    }

    /** Hands over at most so many events. */
    int drain(int most, Consumer<WatchEvent> to) {
        int count = 0;
        for (WatchEvent event = next(count, most); event != null; event = next(count, most)) {
            count++;
            to.accept(event);
        }
        return count;
    }

    private @Nullable WatchEvent next(int count, int most) {
        return count < most ? queue.poll() : null;
    }

    /** The process that had the instance is gone. */
    void clear() {
        watches.clear();
        numbers.clear();
        queue.clear();
    }
}
