package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What following files needs of an operating system: descriptors, reads at an offset, identities, directories and
 * watches. {@link LinuxKernel} is the real one; a simulation may stand in for it.
 *
 * <p>One thread at a time uses a kernel, but for {@link #wake()}. Descriptors belong to the caller: closing the kernel
 * does not close them. Calls that a signal interrupts are made again.
 */
public interface Kernel extends AutoCloseable {
    /**
     * Opens a file for reading. Follows symlinks, never blocks (not on a pipe either), leaves the access time alone
     * where the process may do so ({@code O_NOATIME} wants the owner or {@code CAP_FOWNER}).
     *
     * @return a descriptor, to be closed by the caller
     * @throws ErrnoException from open(2)
     */
    int open(FilePath path) throws ErrnoException;

    /**
     * Closes a descriptor. An error of the device behind it is of no interest to a reader.
     *
     * @throws IllegalStateException if it is not open: closed twice, it may be somebody else's by now
     */
    void close(int fd);

    /**
     * Reads at an offset without moving any file position; up to {@link ByteBuffer#remaining()} bytes, possibly fewer.
     * Allocates nothing.
     *
     * @param offset in bytes from the start of the file, not negative
     * @param into a direct buffer; its position advances by the number of bytes read
     * @return that number; 0 at or past the end of the file, and for a buffer without room
     * @throws ErrnoException from pread(2): {@code ESPIPE} for a pipe, {@code EISDIR} for a directory
     * @throws IllegalArgumentException if the buffer is not direct, or is read-only
     */
    int read(int fd, long offset, ByteBuffer into) throws ErrnoException;

    /** What is behind an open descriptor, named or not. */
    FileStat stat(int fd) throws ErrnoException;

    /** What is behind a path, following symlinks. */
    FileStat stat(FilePath path) throws ErrnoException;

    /**
     * Whether any process can still write to the open file through a descriptor that it has. Asked by taking a read lease
     * for a moment, which the kernel refuses while somebody has the file open for writing (fcntl(2), {@code F_SETLEASE});
     * so it is to be asked of files without a name only, which nobody can open anew meanwhile.
     */
    Writers writers(int fd);

    /** What the kernel says of a file's writers. */
    enum Writers {
        NONE,
        SOME,
        /** The file system has no leases, or the process may not take one (neither owner nor {@code CAP_LEASE}). */
        UNKNOWN
    }

    /**
     * The names in a directory. Names made or removed meanwhile may be in it or not; all others are, each once.
     *
     * @param most bound on the entries, at least 0; a larger directory gives the first of them and says so
     * @throws ErrnoException also for a directory that is removed while it is read ({@code ENOENT})
     */
    DirectoryListing list(FilePath directory, int most) throws ErrnoException;

    /**
     * Gives the open file a further name, whatever became of those that it had.
     *
     * @param name an absolute path in a directory of the agent's own
     * @throws ErrnoException from linkat(2): {@code ENOENT} if its last name is gone already, {@code EXDEV} if the
     *     directory is on another mount, {@code EPERM} where {@code fs.protected_hardlinks} forbids it to a process that
     *     neither owns the file nor has {@code CAP_FOWNER}, {@code EEXIST}, {@code EMLINK}, {@code EROFS}, {@code ENOSPC}
     */
    void link(int fd, FilePath name) throws ErrnoException;

    /**
     * Makes a symlink. It need not lead anywhere.
     *
     * @throws ErrnoException from symlink(2): {@code EEXIST} among others
     */
    void symlink(FilePath target, FilePath name) throws ErrnoException;

    /**
     * What a symlink says.
     *
     * @throws ErrnoException from readlink(2): {@code EINVAL} if it is none; {@code ENAMETOOLONG} beyond 4,095 bytes
     */
    FilePath readlink(FilePath name) throws ErrnoException;

    /** Removes a name that is no directory's. */
    void unlink(FilePath name) throws ErrnoException;

    /**
     * Watches what a path leads to now; the watch is on the inode and follows it through renames. An inode has one
     * watch: watching it again, by whatever path or descriptor, gives the same number and <em>replaces</em> the mask,
     * unless the mask says otherwise ({@link WatchMask#MASK_ADD}, {@link WatchMask#MASK_CREATE}).
     *
     * @param mask bits of {@link WatchMask}
     * @return the number of the watch, never negative, not given again soon
     * @throws ErrnoException from inotify_add_watch(2); see {@link ErrnoException#isNoWatches()}
     */
    int watch(FilePath path, int mask) throws ErrnoException;

    /** As {@link #watch(FilePath, int)}, for what is behind a descriptor, even after its last name is gone. */
    int watch(int fd, int mask) throws ErrnoException;

    /** Ends a watch; an {@link WatchMask#IGNORED} event follows. One that is gone already is no error. */
    void unwatch(int watch);

    /**
     * Waits for events or a wake-up. Takes the wake-up, leaves the events.
     *
     * @param timeoutNanos longest wait; 0 or less looks without waiting
     * @return true if there are events to drain or somebody called {@link #wake()} since the last await; false after
     *     the time is up, or earlier if a signal interrupted it
     */
    boolean await(long timeoutNanos);

    /** Makes the await under way, or else the next one, return. From any thread; in vain after {@link #close()}. */
    void wake();

    /**
     * Hands over what the watches saw, oldest first, without waiting; at most as much as fits 64 KiB of kernel events.
     * If the consumer throws, the event it threw at is spent and the next call goes on after it.
     *
     * @return the number of events handed over; 0 if there were none
     */
    int drain(Consumer<WatchEvent> to);

    /** Gives up watches and wake-up. Twice is no error. */
    @Override
    void close();
}
