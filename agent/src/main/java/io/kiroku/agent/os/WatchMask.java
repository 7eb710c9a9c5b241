package io.kiroku.agent.os;

/** Bits to watch for and bits that events carry. Source: inotify(7) and {@code linux/inotify.h}. */
public final class WatchMask {
    /** Content was written, or the file was truncated. */
    public static final int MODIFY = 0x0000_0002;

    /** Metadata changed: permissions, times, and the number of links, so also an unlink of a file that is held open. */
    public static final int ATTRIB = 0x0000_0004;

    /** A descriptor that was open for writing was closed. */
    public static final int CLOSE_WRITE = 0x0000_0008;

    /** A name left the watched directory; the event of its arrival has the same cookie. */
    public static final int MOVED_FROM = 0x0000_0040;

    /** A name came into the watched directory. */
    public static final int MOVED_TO = 0x0000_0080;

    /** A name was made in the watched directory: file, directory, symlink or hard link. */
    public static final int CREATE = 0x0000_0100;

    /** A name was removed from the watched directory. */
    public static final int DELETE = 0x0000_0200;

    /** The watched inode is gone: no name and no descriptor is left. */
    public static final int DELETE_SELF = 0x0000_0400;

    /** The watched inode was renamed. */
    public static final int MOVE_SELF = 0x0000_0800;

    /** In events only: the file system of the watched inode was unmounted. */
    public static final int UNMOUNT = 0x0000_2000;

    /** In events only: the queue ({@code fs.inotify.max_queued_events}) was full and events were dropped. */
    public static final int OVERFLOW = 0x0000_4000;

    /** In events only: the watch is gone, by unwatch, by one shot, by deletion or by unmount. */
    public static final int IGNORED = 0x0000_8000;

    /** Watch only if it is a directory, else {@code ENOTDIR}. */
    public static final int ONLY_DIRECTORY = 0x0100_0000;

    /** Watch the symlink itself. */
    public static final int DONT_FOLLOW = 0x0200_0000;

    /** No events of children once they are unlinked from the watched directory. */
    public static final int EXCLUDE_UNLINKED = 0x0400_0000;

    /** {@code EEXIST} rather than a changed mask if the inode is watched already. */
    public static final int MASK_CREATE = 0x1000_0000;

    /** Add to the mask of an existing watch instead of replacing it. */
    public static final int MASK_ADD = 0x2000_0000;

    /** In events only: the event is about a directory. */
    public static final int DIRECTORY = 0x4000_0000;

    /** One event, then the watch is gone; an {@link #IGNORED} follows the event. */
    public static final int ONE_SHOT = 0x8000_0000;

    private WatchMask() {}
}
