package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

    /** The files that are followed and had their name here when last looked at, by their paths. */
    final Map<FilePath, LogFile> files = new LinkedHashMap<>();

    /** The births of files in it. */
    final Births births = new Births();

    /** Directories that are to be entered and were made in it since the last look. */
    final Set<FilePath> made = new HashSet<>();

    /** Names that came into it by a rename since the last look. */
    final Set<FilePath> movedIn = new HashSet<>();

    /** It came here by a rename, and was not looked at here: what is in it was followed where it was. */
    boolean cameByMove;

    /** Directories that were to be entered and were gone before they were looked at. */
    final Set<FilePath> missed = new LinkedHashSet<>();

    /** It came here by a rename at some time. */
    boolean isMoved;

    /** The compressed files in it that were looked at. Of those that could not be opened, only the inode is known. */
    final Map<FilePath, FileIdentity> compressed = new HashMap<>();

    /** Whether all compressed files were looked at that were here when the agent came: others came since then. */
    boolean isCaughtUp;

    /** What followed files held whose names were gone at the last look: a list may lack both old names and new ones. */
    final List<Held> departed = new ArrayList<>();

    /** Whether its names were ever read. */
    boolean listed;

    /** Whether it was looked at before, and what is found in it from now on came since then. */
    boolean known;

    /** Whether it was made while the agent ran, and so was all that is in it. */
    boolean isNew;

    /** What could not be opened here, by inode. */
    final Map<Long, Unopened> unopened = new LinkedHashMap<>();

    /** What could not be opened here and is gone: another file has its inode's number. */
    final List<Unopened> replaced = new ArrayList<>();

    int watch = NOT_WATCHED;

    /** The inode that is watched; another one under the same path is another directory. */
    long inode;

    /** The inode that its parent lists for it; 0 if that is not its own, as for a symlink. */
    long listedInode;

    /** Something in it, or all of it, could not be looked at when that was tried last. */
    boolean unreadable;

    /** It has more names than were read when it was last looked at. */
    boolean truncated;

    /** How often in a row it was listed again because it had changed before its files were opened. */
    int outdated;

    /** A complaint about it was recorded; it is not repeated until it works again. */
    boolean reported;

    Directory(FilePath path, int depth) {
        this.path = path;
        this.depth = depth;
    }

    /** Whether it is part of the tree: no longer once another took its place, or none. */
    boolean isAttached() {
        return !rests.isEmpty();
    }
}
