package io.kiroku.agent.simulation;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.DirectoryListing;
import io.kiroku.agent.os.Errno;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.evidence.record.FilePath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The kernel that an agent sees over a {@link SimFiles}. A descriptor's number is never given again, so that the use of
 * one that was closed is found, whoever might have had its number by then.
 */
public final class SimKernel implements Kernel {
    private static final int EVENTS_PER_DRAIN = 2000;

    private final SimFiles files;
    private final Map<Integer, SimInode> descriptors = new HashMap<>();
    private int lastDescriptor = 2;
    private int mostDescriptors = Integer.MAX_VALUE;
    private boolean leases = true;
    private boolean woken;
    private long calls;
    private boolean busy;
    private Runnable meanwhile = () -> {};
    private @Nullable RandomGenerator shortReads;
    private @Nullable Errno listError;
    private @Nullable Errno linkError;

    public SimKernel(SimFiles files) {
        this.files = files;
    }

    /** RLIMIT_NOFILE. */
    public void limitDescriptors(int most) {
        mostDescriptors = most;
    }

    public void limitWatches(int most) {
        files.notifier.limitWatches(most);
    }

    public void limitEvents(int most) {
        files.notifier.limitEvents(most);
    }

    /** A file system that has no leases. */
    public void withoutLeases() {
        leases = false;
    }

    /** Reads give fewer bytes than there are, now and then. */
    public void readShort(RandomGenerator random) {
        shortReads = random;
    }

    /** No directory can be listed, or all again if null. */
    public void failListsWith(@Nullable Errno error) {
        listError = error;
    }

    /** What other programs do before each of the agent's calls. */
    public void meanwhile(Runnable others) {
        meanwhile = others;
    }

    public int openDescriptors() {
        return descriptors.size();
    }

    /** Whether the agent has a descriptor of that file. */
    public boolean isOpen(SimInode inode) {
        return descriptors.containsValue(inode);
    }

    public int watches() {
        return files.notifier.watches();
    }

    public boolean hasEvents() {
        return files.notifier.hasEvents();
    }

    /** Calls made so far. */
    public long calls() {
        return calls;
    }

    /** The agent's process is gone, and with it all that it had open. */
    public void processDied() {
        files.notifier.clear();
        List.copyOf(descriptors.keySet()).forEach(this::closeNow);
        woken = false;
    }

    private void called() {
        calls++;
        if (!busy) {
            busy = true;
            try {
                meanwhile.run();
            } finally {
                busy = false;
            }
        }
    }

    private SimInode inodeOf(int fd) {
        SimInode inode = descriptors.get(fd);
        if (inode == null) {
            throw new AssertionError("descriptor " + fd + " was used but is not open");
        }
        return inode;
    }

    @Override
    public int open(FilePath path) throws ErrnoException {
        called();
        SimInode inode = files.resolve(path, "open");
        if (inode.denied) {
            throw new ErrnoException(Errno.EACCES.number(), "open", path);
        }
        if (inode.kind == SimInode.Kind.PIPE) {
            throw new AssertionError("a pipe was opened: " + path);
        }
        takeDescriptor(path);
        descriptors.put(++lastDescriptor, inode);
        inode.holders++;
        return lastDescriptor;
    }

    private void takeDescriptor(FilePath path) throws ErrnoException {
        if (descriptors.size() >= mostDescriptors) {
            throw new ErrnoException(Errno.EMFILE.number(), "open", path);
        }
    }

    @Override
    public void close(int fd) {
        called();
        closeNow(fd);
    }

    private void closeNow(int fd) {
        SimInode inode = inodeOf(fd);
        descriptors.remove(fd);
        files.letGo(inode);
    }

    @Override
    public int read(int fd, long offset, ByteBuffer into) throws ErrnoException {
        called();
        if (!into.isDirect() || into.isReadOnly()) {
            throw new IllegalArgumentException("reads go into a direct, writable buffer");
        }
        SimInode inode = inodeOf(fd);
        if (inode.readError != null) {
            throw ErrnoException.onDescriptor(inode.readError.number(), "pread", fd);
        }
        int wanted = into.remaining();
        if (shortReads != null && wanted > 1 && shortReads.nextInt(8) == 0) {
            wanted = shortReads.nextInt(1, wanted);
        }
        byte[] bytes = inode.read(offset, wanted);
        into.put(bytes);
        return bytes.length;
    }

    @Override
    public FileStat stat(int fd) throws ErrnoException {
        called();
        return inodeOf(fd).stat();
    }

    @Override
    public FileStat stat(FilePath path) throws ErrnoException {
        called();
        return files.resolve(path, "statx").stat();
    }

    @Override
    public Writers writers(int fd) {
        called();
        SimInode inode = inodeOf(fd);
        if (inode.links > 1) {
            throw new AssertionError("the writers of a file with more names than a pin were asked for");
        }
        if (!leases) {
            return Writers.UNKNOWN;
        }
        return inode.writers > 0 ? Writers.SOME : Writers.NONE;
    }

    @Override
    public DirectoryListing list(FilePath path, int most) throws ErrnoException {
        called();
        SimInode directory = files.resolve(path, "open");
        if (directory.kind != SimInode.Kind.DIRECTORY) {
            throw new ErrnoException(Errno.ENOTDIR.number(), "open", path);
        }
        if (directory.denied) {
            throw new ErrnoException(Errno.EACCES.number(), "open", path);
        }
        if (listError != null) {
            throw new ErrnoException(listError.number(), "getdents64", path);
        }
        takeDescriptor(path);
        List<DirectoryEntry> entries = new ArrayList<>();
        for (Map.Entry<FilePath, SimInode> name : directory.names.entrySet()) {
            if (entries.size() == most) {
                return new DirectoryListing(entries, true);
            }
            entries.add(new DirectoryEntry(name.getKey(), name.getValue().number, name.getValue().kind.listed));
        }
        return new DirectoryListing(entries, false);
    }

    /** Nobody can make hard links in the directory of the pins, or all again if null. */
    public void failLinksWith(@Nullable Errno error) {
        linkError = error;
    }

    @Override
    public void link(int fd, FilePath name) throws ErrnoException {
        called();
        SimInode inode = inodeOf(fd);
        if (linkError != null) {
            throw new ErrnoException(linkError.number(), "linkat", name);
        }
        if (inode.links == 0) {
            throw new ErrnoException(Errno.ENOENT.number(), "linkat", name);
        }
        requireAbsent(name, "linkat");
        files.link(inode, name);
    }

    private void requireAbsent(FilePath name, String call) throws ErrnoException {
        if (files.resolve(name.parent(), call).names.containsKey(name.name())) {
            throw new ErrnoException(Errno.EEXIST.number(), call, name);
        }
    }

    @Override
    public void symlink(FilePath target, FilePath name) throws ErrnoException {
        called();
        requireAbsent(name, "symlink");
        files.symlink(target, name);
    }

    @Override
    public FilePath readlink(FilePath name) throws ErrnoException {
        called();
        SimInode link = files.resolve(name.parent(), "readlink").names.get(name.name());
        if (link == null) {
            throw new ErrnoException(Errno.ENOENT.number(), "readlink", name);
        }
        if (link.target == null) {
            throw new ErrnoException(Errno.EINVAL.number(), "readlink", name);
        }
        return link.target;
    }

    @Override
    public void unlink(FilePath name) throws ErrnoException {
        called();
        if (!files.resolve(name.parent(), "unlink").names.containsKey(name.name())) {
            throw new ErrnoException(Errno.ENOENT.number(), "unlink", name);
        }
        files.unlink(name);
    }

    @Override
    public int watch(FilePath path, int mask) throws ErrnoException {
        called();
        return files.notifier.add(files.resolve(path, ErrnoException.ADD_WATCH), path, mask);
    }

    @Override
    public int watch(int fd, int mask) throws ErrnoException {
        called();
        return files.notifier.add(inodeOf(fd), FilePath.of("/proc/self/fd/" + fd), mask);
    }

    @Override
    public void unwatch(int watch) {
        called();
        files.notifier.remove(watch);
    }

    @Override
    public boolean await(long timeoutNanos) {
        boolean was = woken;
        woken = false;
        return was || hasEvents();
    }

    @Override
    public void wake() {
        woken = true;
    }

    @Override
    public int drain(Consumer<WatchEvent> to) {
        called();
        return files.notifier.drain(EVENTS_PER_DRAIN, to);
    }

    @Override
    public void close() {
        files.notifier.clear();
    }
}
