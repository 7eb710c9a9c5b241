package io.kiroku.agent.os;

import java.util.List;

/**
 * The names in a directory, as far as they were asked for.
 *
 * @param entries in the file system's order, without {@code .} and {@code ..}
 * @param truncated whether the directory has more names than the caller wanted; what these are is unknown
 */
public record DirectoryListing(List<DirectoryEntry> entries, boolean truncated) {
    /** Copies the list. */
    public DirectoryListing {
        entries = List.copyOf(entries);
    }
}
