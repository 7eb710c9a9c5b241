package io.kiroku.agent.simulation;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.Errno;
import io.kiroku.agent.os.FileStat;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An inode of a {@link SimFiles}, and what a test wants to know of it after it is long gone. */
public final class SimInode {
    /** What it is. */
    enum Kind {
        REGULAR(0x8000, DirectoryEntry.Kind.REGULAR),
        DIRECTORY(0x4000, DirectoryEntry.Kind.DIRECTORY),
        SYMLINK(0xa000, DirectoryEntry.Kind.SYMLINK),
        PIPE(0x1000, DirectoryEntry.Kind.OTHER);

        private final int mode;
        final DirectoryEntry.Kind listed;

        Kind(int mode, DirectoryEntry.Kind listed) {
            this.mode = mode;
            this.listed = listed;
        }
    }

    final Kind kind;
    final TreeMap<FilePath, SimInode> names = new TreeMap<>();

    long device;
    long number;
    long birthNanos;
    long modifiedNanos;
    int links;

    /** Descriptors that can write. */
    int writers;

    /** All descriptors, of writers and of the agent. */
    int holders;

    boolean freed;
    boolean denied;

    @Nullable
    Errno readError;

    @Nullable
    SimInode parent;

    @Nullable
    FilePath target;

    /** What it was before it was compressed; null if it is not. */
    @Nullable
    private SimInode plain;

    private byte[] plainContent = {};

    private final List<byte[]> past = new ArrayList<>();
    private byte[] content = new byte[0];
    private int size;

    SimInode(Kind kind) {
        this.kind = kind;
    }

    public long device() {
        return device;
    }

    public long number() {
        return number;
    }

    public long birthNanos() {
        return birthNanos;
    }

    public int links() {
        return links;
    }

    public int writers() {
        return writers;
    }

    public boolean isFreed() {
        return freed;
    }

    /** The kernel refuses to read it with this error from now on; with none if null. */
    public void failReadsWith(@Nullable Errno error) {
        readError = error;
    }

    /** Nobody may open, list or watch it, or not any more. */
    public void deny(boolean toDeny) {
        denied = toDeny;
    }

    /** What it was before it was compressed; null if it is not. */
    public @Nullable SimInode plain() {
        return plain;
    }

    public int size() {
        return size;
    }

    /** What is in it. */
    public byte[] content() {
        return Arrays.copyOf(content, size);
    }

    /** What log was in it each time before it was cut, and what is in it now. */
    public List<byte[]> generations() {
        if (plain != null) {
            return List.of(plainContent);
        }
        List<byte[]> all = new ArrayList<>(past);
        all.add(content());
        return all;
    }

    /** It holds what is in that file now, which somebody may still write to. */
    void isCompressionOf(SimInode file) {
        plain = file;
        plainContent = file.content();
    }

    void append(byte[] bytes) {
        write(size, bytes);
    }

    void write(int at, byte[] bytes) {
        int end = at + bytes.length;
        if (end > content.length) {
            content = Arrays.copyOf(content, Math.max(end, 2 * content.length));
        }
        System.arraycopy(bytes, 0, content, at, bytes.length);
        size = Math.max(size, end);
    }

    void cut(int length) {
        past.add(content());
        if (length < size) {
            Arrays.fill(content, length, size, (byte) 0);
        } else if (length > content.length) {
            content = Arrays.copyOf(content, length);
        }
        size = length;
    }

    byte[] read(long offset, int most) {
        int from = (int) Math.min(offset, size);
        return Arrays.copyOfRange(content, from, Math.min(size, from + most));
    }

    FileStat stat() {
        return new FileStat(device, number, birthNanos, size, kind.mode | 0644, links, modifiedNanos, 0, 0);
    }
}
