package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A directory in which, or below which, logs may appear. */
final class Directory {
    static final int NOT_WATCHED = -1;

    final FilePath path;
    final int depth;
    final Set<PathPattern.Rest> rests = new HashSet<>();
    final Map<FilePath, Directory> children = new HashMap<>();

    /** The files that are followed and had their name here when last looked at. */
    final List<LogFile> files = new ArrayList<>();

    int watch = NOT_WATCHED;

    /** The inode that is watched; another one under the same path is another directory. */
    long inode;

    /** Whether it was looked at before: what is found at first may be older than the agent. */
    boolean seen;

    /** A complaint about it was recorded; it is not repeated until it works again. */
    boolean reported;

    Directory(FilePath path, int depth) {
        this.path = path;
        this.depth = depth;
    }
}
