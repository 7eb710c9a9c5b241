package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name in a directory that may be a file to follow.
 *
 * @param source the live name whose source the file belongs to
 * @param path where the file is now
 * @param inode the inode that the directory lists for the name
 * @param symlink whether the name is a symlink
 * @param wanted whether a pattern asks for the name; else it may be a file that was followed before, and nothing else
 */
record Candidate(FilePath source, FilePath path, long inode, boolean symlink, boolean wanted) {
    boolean isLive() {
        return source.equals(path);
    }

    /** The candidates of a directory in the order in which they were written: rotated ones by their stamps, then live. */
    static List<Candidate> among(Directory directory, Map<FilePath, DirectoryEntry> entries, Resumption resumption) {
        List<Candidate> candidates = new ArrayList<>();
        for (DirectoryEntry entry : entries.values()) {
            Candidate candidate = entry.kind() == DirectoryEntry.Kind.DIRECTORY || !hasPath(directory, entry.name())
                    ? null
                    : of(directory, entry, resumption);
            if (candidate != null) {
                candidates.add(candidate);
            }
        }
        candidates.sort(Comparator.comparing(Candidate::source)
                .thenComparing(Candidate::isLive)
                .thenComparing(Candidate::path));
        return candidates;
    }

    private static boolean hasPath(Directory directory, FilePath name) {
        return directory.path.length() + 1 + name.length() <= FilePath.MAX_LENGTH;
    }

    private static @Nullable Candidate of(Directory directory, DirectoryEntry entry, Resumption resumption) {
        FilePath name = entry.name();
        // A pattern such as *.log matches the names of some rotated files as well.
        FilePath rotatedFrom = RotatedName.liveNameOf(name);
        FilePath live = rotatedFrom != null && isWanted(directory, rotatedFrom) ? rotatedFrom : name;
        boolean wanted = isWanted(directory, live);
        FilePath source = wanted ? directory.path.resolve(live) : resumption.sourceIn(directory.path, entry.inode());
        return source == null
                ? null
                : new Candidate(
                        source,
                        directory.path.resolve(name),
                        entry.inode(),
                        entry.kind() == DirectoryEntry.Kind.SYMLINK,
                        wanted);
    }

    static boolean isWanted(Directory directory, FilePath name) {
        return directory.rests.stream().anyMatch(rest -> rest.matches(name));
    }
}
