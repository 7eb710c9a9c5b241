package io.kiroku.agent.tail;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import org.jspecify.annotations.Nullable;

/** A file that is being followed through its descriptor, whatever becomes of its name. */
final class LogFile {
    static final int NOT_WATCHED = -1;

    final int fd;
    final Content content;
    final FilePath source;
    final FileIdentity identity;

    int id;
    FilePath path;

    /** Where it has its name; null once it has none, or one in a directory that is not watched. */
    @Nullable
    Directory directory;

    /** What the chain was told of its first bytes. */
    Fingerprint fingerprint;

    /** Its first bytes, until the chain has been told all of them. */
    @Nullable
    FirstBytes first;

    /** All bytes before this one are in the writer or in the chain. */
    long offset;

    /** All bytes before this one are in the chain: where a restating segment says that reading stands. */
    long sealedOffset;

    /** Whether the chain knows the file. */
    boolean sealed;

    /** Whether the segment under way says anything of it. */
    boolean touched;

    /** The largest size of the log in it that was seen. Below the offset once the file was truncated. */
    long size;

    /** An earlier size, for how fast it grows, and when it was seen, on the boot-time clock in nanoseconds. */
    long earlierSize;

    long earlierSizeAt;

    /** The file has no name any more: when its writer is gone and it is read to its end, it ends. */
    boolean deleted;

    /** Since when nothing new came, on the boot-time clock in nanoseconds. */
    long quietSince;

    /** Since when the kernel refuses to read it; it is tried again. 0 if it does not. */
    long failingSince;

    /** The one-shot watch that wakes it from idleness. */
    int watch = NOT_WATCHED;

    /** Whether it waits in one of the queues of the reader. */
    boolean queued;

    /** Whether a hard link of the agent's own is among its names. */
    boolean pinned;

    /** Whether it is to be read before others, as its bytes may soon be gone. */
    boolean urgent;

    /** Whether it was taken up from its pin, and no look has found a name of it. */
    boolean adrift;

    /** It is no longer followed: its descriptor is closed, and may be that of another file by now. */
    boolean closed;

    LogFile(
            int id,
            int fd,
            Content content,
            FilePath source,
            FilePath path,
            FileIdentity identity,
            long offset,
            Fingerprint known) {
        this.id = id;
        this.fd = fd;
        this.content = content;
        this.source = source;
        this.path = path;
        this.identity = identity;
        this.offset = offset;
        this.sealedOffset = offset;
        this.fingerprint = known;
        this.first = known.length() == 0 ? new FirstBytes() : null;
    }

    /** The inode goes on with other content: as another file, from its start. */
    void beginAnew(int newId, long newSize) {
        id = newId;
        size = newSize;
        offset = 0;
        sealedOffset = 0;
        sealed = false;
        fingerprint = Fingerprint.NONE;
        first = new FirstBytes();
    }

    /** What the chain says, or is to be told, of the file: where reading stood when the segment under way began. */
    Entry.File standing() {
        return new Entry.File(id, source, path, identity, sealedOffset, fingerprint);
    }

    /** Bytes that are known to be there and were not read. */
    long pending() {
        return closed ? 0 : Math.max(0, size - offset);
    }
}
