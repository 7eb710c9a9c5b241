package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A call to the kernel that failed, with its {@code errno}.
 *
 * <p>The message names call, object and reason: {@code open /var/log/pods/x/0.log: Permission denied (EACCES)}.
 */
public final class ErrnoException extends IOException {
    /** The call that reports a used-up {@code fs.inotify.max_user_watches} as {@code ENOSPC} (inotify_add_watch(2)). */
    public static final String ADD_WATCH = "inotify_add_watch";

    static final String INOTIFY_INIT = "inotify_init1";

    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String call;
    private final transient @Nullable FilePath path;

    /** The failure of a call on a path. */
    public ErrnoException(int errno, String call, FilePath path) {
        this(errno, call, path, call + " " + path + ": " + reason(errno, call));
    }

    /** A failure with a sentence of its own. */
    ErrnoException(int errno, String call, @Nullable FilePath path, String message) {
        super(message);
        this.errno = errno;
        this.call = call;
        this.path = path;
    }

    /** The failure of a call on an open descriptor: {@code pread of descriptor 7: Input/output error (EIO)}. */
    public static ErrnoException onDescriptor(int errno, String call, int fd) {
        return new ErrnoException(errno, call, null, call + " of descriptor " + fd + ": " + reason(errno, call));
    }

    /** The failure of a call that has no object yet. */
    static ErrnoException onCall(int errno, String call) {
        return new ErrnoException(errno, call, null, call + ": " + reason(errno, call));
    }

    /** The value of {@code errno} after the call; {@link Errno} names the common ones. */
    public int errno() {
        return errno;
    }

    /** The libc function that failed. */
    public String call() {
        return call;
    }

    /** What the call was about; null if it was given a descriptor, or nothing. */
    public @Nullable FilePath path() {
        return path;
    }

    /** Whether the error is this one. */
    public boolean is(Errno candidate) {
        return errno == candidate.number();
    }

    /** There is no such name, or what should be a directory on the way to it is none. */
    public boolean isNotFound() {
        return is(Errno.ENOENT) || is(Errno.ENOTDIR);
    }

    /** The process may not. */
    public boolean isDenied() {
        return is(Errno.EACCES) || is(Errno.EPERM);
    }

    /** The disk, or the quota on it, is full. Not said of watches: see {@link #isNoWatches()}. */
    public boolean isNoSpace() {
        return (is(Errno.ENOSPC) && !call.equals(ADD_WATCH)) || is(Errno.EDQUOT);
    }

    /** The user's inotify watches ({@code fs.inotify.max_user_watches}) are used up. */
    public boolean isNoWatches() {
        return is(Errno.ENOSPC) && call.equals(ADD_WATCH);
    }

    /** The process, or the whole machine, has no descriptor left. */
    public boolean isNoDescriptors() {
        return is(Errno.EMFILE) || is(Errno.ENFILE);
    }

    /** The device, or the file system's own structure on it, failed. */
    public boolean isIo() {
        return is(Errno.EIO) || is(Errno.EUCLEAN) || is(Errno.EREMOTEIO);
    }

    private static String reason(int errno, String call) {
        if (call.equals(ADD_WATCH) && errno == Errno.ENOSPC.number()) {
            return "the limit fs.inotify.max_user_watches is reached (ENOSPC)";
        }
        if (call.equals(INOTIFY_INIT) && errno == Errno.EMFILE.number()) {
            return "the limit fs.inotify.max_user_instances, or that of open files, is reached (EMFILE)";
        }
        return Errno.describe(errno);
    }
}
