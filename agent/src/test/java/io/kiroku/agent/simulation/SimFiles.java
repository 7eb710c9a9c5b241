package io.kiroku.agent.simulation;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.WatchMask;
import io.kiroku.evidence.record.FilePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory and what the programs of a node do to it. Every change is told to the inotify instance of the
 * agent in the order in which Linux tells it. Inode numbers are used again as ext4 does: the lowest free one first.
 */
public final class SimFiles {
    private static final int MOST_LINKS = 40;

    final SimNotifier notifier = new SimNotifier();
    final SimInode root;

    private static final long TICK = 1_000_000;

    private final LongSupplier clock;
    private final PriorityQueue<Long> free = new PriorityQueue<>();
    private final List<SimInode> regular = new ArrayList<>();
    private final List<SimInode> releasing = new ArrayList<>();
    private long lastNumber = 10;
    private long device = 0x8_0000_0001L;
    private int lastCookie;
    private int made;
    private boolean births = true;
    private boolean lateRelease;

    /** @param clock wall time in nanoseconds, for times of birth and modification */
    public SimFiles(LongSupplier clock) {
        this.clock = clock;
        this.root = make(SimInode.Kind.DIRECTORY);
        root.links = 1;
        root.parent = root;
    }

    /** No two files have the same. A file system's clock is the one of the last tick, and lags behind that of programs. */
    private long time() {
        return clock.getAsLong() - TICK + ++made;
    }

    /** A file system that keeps no times of birth. */
    public void withoutBirths() {
        births = false;
    }

    /**
     * As Linux does it, a writer's close is told before the kernel counts one writer less: from now on that is counted
     * only once some time has passed.
     */
    public void releaseWritersLate() {
        lateRelease = true;
    }

    /** Device numbers are given out anew at a boot. */
    public void reboot() {
        device++;
        renumber(root);
    }

    private void renumber(SimInode directory) {
        directory.device = device;
        for (SimInode inode : directory.names.values()) {
            inode.device = device;
            if (inode != directory && inode.kind == SimInode.Kind.DIRECTORY) {
                renumber(inode);
            }
        }
    }

    /** Every regular file there ever was, in the order of their creation, but for those {@linkplain #forgetFreed forgotten}. */
    public List<SimInode> everyFile() {
        return regular;
    }

    /** Files that are no more are not to be asked about: in a long run, they would be all that memory holds. */
    public void forgetFreed() {
        regular.removeIf(SimInode::isFreed);
    }

    /** The names that lead to a file now, but for those through symlinks. */
    public List<String> pathsOf(SimInode file) {
        List<String> paths = new ArrayList<>();
        if (file.links > 0) {
            addPathsOf(file, root, "", paths);
        }
        return paths;
    }

    private static void addPathsOf(SimInode file, SimInode directory, String at, List<String> paths) {
        directory.names.forEach((name, inode) -> {
            if (inode == file) {
                paths.add(at + "/" + name);
            } else if (inode.kind == SimInode.Kind.DIRECTORY) {
                addPathsOf(file, inode, at + "/" + name, paths);
            }
        });
    }

    /** The names in a directory, in order. */
    public List<String> namesIn(String directory) {
        return at(directory).names.keySet().stream().map(FilePath::toString).toList();
    }

    private SimInode make(SimInode.Kind kind) {
        Long number = free.poll();
        SimInode inode = new SimInode(kind);
        inode.device = device;
        inode.number = number != null ? number : ++lastNumber;
        inode.birthNanos = births ? time() : 0;
        inode.modifiedNanos = births ? inode.birthNanos : time();
        if (kind == SimInode.Kind.REGULAR) {
            regular.add(inode);
        }
        return inode;
    }

    /** An open file that is written to at its end, whatever becomes of its name. */
    public final class Writer implements AutoCloseable {
        private final SimInode inode;
        private boolean closed;

        private Writer(SimInode inode) {
            this.inode = inode;
            inode.writers++;
            inode.holders++;
        }

        public SimInode inode() {
            return inode;
        }

        public void write(byte[] bytes) {
            release();
            inode.append(bytes);
            modified(inode);
        }

        @Override
        public void close() {
            release();
            if (closed) {
                return;
            }
            closed = true;
            notifier.happened(inode, WatchMask.CLOSE_WRITE, 0, null);
            releasing.add(inode);
            if (!lateRelease) {
                release();
            }
        }
    }

    /** Some time has passed. */
    void release() {
        for (SimInode inode : releasing) {
            inode.writers--;
            letGo(inode);
        }
        releasing.clear();
    }

    private void modified(SimInode inode) {
        inode.modifiedNanos = time();
        notifier.happened(inode, WatchMask.MODIFY, 0, null);
    }

    /** One descriptor less. */
    void letGo(SimInode inode) {
        inode.holders--;
        freeIfUnused(inode);
    }

    private void freeIfUnused(SimInode inode) {
        if (inode.links == 0 && inode.holders == 0 && !inode.freed) {
            inode.freed = true;
            notifier.freed(inode);
            free.add(inode.number);
        }
    }

    /** Opens a file for writing at its end, and makes it if there is none. */
    public Writer open(FilePath path) {
        release();
        SimInode found = find(path);
        return new Writer(found != null ? found : enter(path, make(SimInode.Kind.REGULAR)));
    }

    public Writer open(String path) {
        return open(FilePath.of(path));
    }

    /** Makes a file with that content, closed by its writer. */
    public SimInode write(String path, byte[] content) {
        try (Writer writer = open(path)) {
            writer.write(content);
            return writer.inode();
        }
    }

    public void mkdirs(String path) {
        mkdirs(FilePath.of(path));
    }

    public void mkdirs(FilePath path) {
        release();
        if (find(path) == null) {
            mkdirs(path.parent());
            enter(path, make(SimInode.Kind.DIRECTORY));
        }
    }

    public void mkfifo(String path) {
        enter(FilePath.of(path), make(SimInode.Kind.PIPE));
    }

    public void symlink(String target, String path) {
        release();
        symlink(FilePath.of(target), FilePath.of(path));
    }

    void symlink(FilePath target, FilePath path) {
        SimInode link = make(SimInode.Kind.SYMLINK);
        link.target = target;
        enter(path, link);
    }

    /** A further name for a file. */
    public void link(String existing, String path) {
        release();
        link(at(FilePath.of(existing)), FilePath.of(path));
    }

    void link(SimInode inode, FilePath path) {
        notifier.happened(inode, WatchMask.ATTRIB, 0, null);
        enter(path, inode);
    }

    private SimInode enter(FilePath path, SimInode inode) {
        SimInode directory = at(path.parent());
        if (directory.kind != SimInode.Kind.DIRECTORY || directory.names.putIfAbsent(path.name(), inode) != null) {
            throw new IllegalStateException("cannot make " + path);
        }
        inode.links++;
        inode.parent = directory;
        namesChanged(directory);
        notifier.happened(directory, WatchMask.CREATE | flagOf(inode), 0, path.name());
        return inode;
    }

    /** Each change is a little later than the last, however little time passes. */
    private void namesChanged(SimInode directory) {
        directory.modifiedNanos = time();
    }

    private static int flagOf(SimInode inode) {
        return inode.kind == SimInode.Kind.DIRECTORY ? WatchMask.DIRECTORY : 0;
    }

    public void rename(String from, String to) {
        rename(FilePath.of(from), FilePath.of(to));
    }

    /** rename(2): what had the new name loses it. */
    public void rename(FilePath from, FilePath to) {
        release();
        SimInode source = at(from.parent());
        SimInode target = at(to.parent());
        SimInode inode = source.names.remove(from.name());
        if (inode == null) {
            throw new IllegalStateException("nothing is at " + from);
        }
        SimInode replaced = target.names.put(to.name(), inode);
        inode.parent = target;
        namesChanged(source);
        namesChanged(target);
        int cookie = ++lastCookie;
        notifier.happened(source, WatchMask.MOVED_FROM | flagOf(inode), cookie, from.name());
        notifier.happened(target, WatchMask.MOVED_TO | flagOf(inode), cookie, to.name());
        if (replaced != null) {
            unlinked(replaced);
        }
        notifier.happened(inode, WatchMask.MOVE_SELF, 0, null);
    }

    public void unlink(String path) {
        unlink(FilePath.of(path));
    }

    /** unlink(2) and rmdir(2). */
    public void unlink(FilePath path) {
        release();
        SimInode directory = at(path.parent());
        SimInode inode = directory.names.remove(path.name());
        if (inode == null || !inode.names.isEmpty()) {
            throw new IllegalStateException("cannot remove " + path);
        }
        inode.links--;
        namesChanged(directory);
        if (inode.kind != SimInode.Kind.DIRECTORY) {
            notifier.happened(inode, WatchMask.ATTRIB, 0, null);
        }
        notifier.happened(directory, WatchMask.DELETE | flagOf(inode), 0, path.name());
        freeIfUnused(inode);
    }

    private void unlinked(SimInode inode) {
        inode.links--;
        notifier.happened(inode, WatchMask.ATTRIB, 0, null);
        freeIfUnused(inode);
    }

    /** Removes a directory with all that is in it, as the kubelet does it with a pod's. */
    public void removeTree(String path) {
        removeTree(FilePath.of(path));
    }

    private void removeTree(FilePath path) {
        SimInode inode = inodeOf(path);
        for (FilePath name : List.copyOf(inode.names.keySet())) {
            removeTree(path.resolve(name));
        }
        unlink(path);
    }

    /** The inode itself, be it a symlink. */
    private SimInode inodeOf(FilePath path) {
        SimInode inode = at(path.parent()).names.get(path.name());
        if (inode == null) {
            throw new IllegalStateException("nothing is at " + path);
        }
        return inode;
    }

    /** truncate(2). */
    public void truncate(String path, int length) {
        release();
        SimInode inode = at(FilePath.of(path));
        inode.cut(length);
        modified(inode);
    }

    private static byte[] compressed(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** As gzip(1) does it: another file takes the name with {@code .gz}, and the file goes. */
    public void gzip(String path) {
        write(path + ".tmp", compressed(at(path).content())).isCompressionOf(at(path));
        rename(path + ".tmp", path + ".gz");
        unlink(path);
    }

    /** The inode that the path leads to. */
    public SimInode at(String path) {
        return at(FilePath.of(path));
    }

    SimInode at(FilePath path) {
        try {
            return resolve(path, "stat");
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable SimInode find(FilePath path) {
        try {
            return resolve(path, "stat");
        } catch (ErrnoException gone) {
            return null;
        }
    }

    public boolean exists(String path) {
        return find(FilePath.of(path)) != null;
    }

    /** What a path leads to, through symlinks. */
    SimInode resolve(FilePath path, String call) throws ErrnoException {
        return resolve(root, path, path, call, new int[1]);
    }

    private SimInode resolve(SimInode from, FilePath rest, FilePath whole, String call, int[] followed)
            throws ErrnoException {
        SimInode at = rest.byteAt(0) == '/' ? root : from;
        for (FilePath name : namesOf(rest)) {
            if (at.kind != SimInode.Kind.DIRECTORY) {
                throw new ErrnoException(Errno.ENOTDIR.number(), call, whole);
            }
            if (at.denied) {
                throw new ErrnoException(Errno.EACCES.number(), call, whole);
            }
            SimInode next = at.names.get(name);
            if (next == null) {
                throw new ErrnoException(Errno.ENOENT.number(), call, whole);
            }
            if (next.target != null) {
                if (++followed[0] > MOST_LINKS) {
                    throw new ErrnoException(Errno.ELOOP.number(), call, whole);
                }
                next = resolve(at, next.target, whole, call, followed);
            }
            at = next;
        }
        return at;
    }

    private static List<FilePath> namesOf(FilePath path) {
        List<FilePath> names = new ArrayList<>();
        byte[] bytes = path.bytes();
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '/') {
                if (i > from && !(i == from + 1 && bytes[from] == '.')) {
                    names.add(FilePath.of(Arrays.copyOfRange(bytes, from, i)));
                }
                from = i + 1;
            }
        }
        return names;
    }
}
