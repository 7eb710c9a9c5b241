package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;

/**
 * One name in a directory.
 *
 * @param name the bare name
 * @param inode what the directory says; for a mount point this is the inode underneath, not that of the mounted root
 * @param kind what the directory says; a file system may answer {@link Kind#UNKNOWN}, and then only a stat tells
 */
public record DirectoryEntry(FilePath name, long inode, Kind kind) {
    /** What the name stands for, without following a symlink. */
    public enum Kind {
        REGULAR,
        DIRECTORY,
        SYMLINK,
        /** Pipe, socket, device. */
        OTHER,
        UNKNOWN
    }
}
