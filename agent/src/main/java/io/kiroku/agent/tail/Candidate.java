package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.evidence.record.FilePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name in a directory that may be a file to follow.
 *
 * @param source the live name whose source the file belongs to
 * @param path where the file is now
 */
record Candidate(FilePath source, FilePath path) {
    /** What the kubelet appends when it rotates: {@code .20060102-150405} in the node's zone (container log manager). */
    private static final int STAMP_LENGTH = ".20060102-150405".length();

    boolean isLive() {
        return source.equals(path);
    }

    /** The candidates of a directory in the order in which they were written: rotated ones by their stamps, then live. */
    static List<Candidate> among(Directory directory, Map<FilePath, DirectoryEntry> entries, Resumption resumption) {
        List<Candidate> candidates = new ArrayList<>();
        for (DirectoryEntry entry : entries.values()) {
            FilePath source =
                    entry.kind() == DirectoryEntry.Kind.DIRECTORY ? null : sourceOf(directory, entry, resumption);
            if (source != null) {
                candidates.add(new Candidate(source, directory.path.resolve(entry.name())));
            }
        }
        candidates.sort(Comparator.comparing(Candidate::source)
                .thenComparing(Candidate::isLive)
                .thenComparing(Candidate::path));
        return candidates;
    }

    private static @Nullable FilePath sourceOf(Directory directory, DirectoryEntry entry, Resumption resumption) {
        FilePath name = entry.name();
        if (directory.path.length() + 1 + name.length() > FilePath.MAX_LENGTH) {
            return null;
        }
        FilePath resumed = resumption.sourceIn(directory.path, entry.inode());
        if (resumed != null) {
            return resumed;
        }
        if (isWanted(directory, name)) {
            return directory.path.resolve(name);
        }
        FilePath live = liveNameOf(name);
        return live != null && isWanted(directory, live) ? directory.path.resolve(live) : null;
    }

    private static boolean isWanted(Directory directory, FilePath name) {
        return directory.rests.stream().anyMatch(rest -> rest.matches(name));
    }

    /** The live name of a file that the kubelet rotated and has not compressed; null if it is none. */
    static @Nullable FilePath liveNameOf(FilePath name) {
        int stamp = name.length() - STAMP_LENGTH;
        if (stamp < 1 || name.byteAt(stamp) != '.' || name.byteAt(stamp + 9) != '-') {
            return null;
        }
        for (int i = stamp + 1; i < name.length(); i++) {
            if (i != stamp + 9 && (name.byteAt(i) < '0' || name.byteAt(i) > '9')) {
                return null;
            }
        }
        return FilePath.of(Arrays.copyOf(name.bytes(), stamp));
    }
}
