package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * One event of a watch, as inotify(7) reports it.
 *
 * @param watch number that {@link Kernel#watch} gave; -1 in an overflow
 * @param mask bits of {@link WatchMask}
 * @param cookie the same in the two events of one rename, else 0. Unsigned 32 bits
 * @param name which entry of the watched directory; null if the event is about the watched inode itself
 */
public record WatchEvent(
        int watch, int mask, int cookie, @Nullable FilePath name) {
    /** Events were dropped: nothing is known of what happened meanwhile, and every directory must be read again. */
    public boolean isOverflow() {
        return has(WatchMask.OVERFLOW);
    }

    /** The watch is gone and its number means nothing more. */
    public boolean isIgnored() {
        return has(WatchMask.IGNORED);
    }

    /** What it happened to is a directory. */
    public boolean isDirectory() {
        return has(WatchMask.DIRECTORY);
    }

    /** Content was written or cut off. */
    public boolean isModified() {
        return has(WatchMask.MODIFY);
    }

    /** {@link #name()} was made. */
    public boolean isCreated() {
        return has(WatchMask.CREATE);
    }

    /** {@link #name()} was removed. */
    public boolean isDeleted() {
        return has(WatchMask.DELETE);
    }

    /** {@link #name()} was renamed to something else, here or in another directory. */
    public boolean isMovedFrom() {
        return has(WatchMask.MOVED_FROM);
    }

    /** Something was renamed to {@link #name()}. */
    public boolean isMovedTo() {
        return has(WatchMask.MOVED_TO);
    }

    /** Whether the event has any of these bits. */
    public boolean has(int bits) {
        return (mask & bits) != 0;
    }
}
