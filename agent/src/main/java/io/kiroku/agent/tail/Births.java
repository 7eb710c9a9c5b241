package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps account of the files that are born under the names of a directory. The kernel tells of each birth, and each look
 * finds files; a birth that was told and whose file no look found is that of a file that came and went in between.
 *
 * <p>A look may find a file before its birth is told. So what was found ahead stands to its credit, until all events that
 * there were at that time have been taken.
 */
final class Births {
    private final Map<FilePath, Integer> told = new HashMap<>();
    private final Map<FilePath, Integer> foundAhead = new HashMap<>();

    /** The kernel told of a file that was made under that name. */
    void told(FilePath name) {
        if (!take(foundAhead, name)) {
            told.merge(name, 1, Integer::sum);
        }
    }

    /** A look found a file that was made under that name, whatever its name is now. */
    void found(FilePath name) {
        if (!take(told, name)) {
            foundAhead.merge(name, 1, Integer::sum);
        }
    }

    private static boolean take(Map<FilePath, Integer> from, FilePath name) {
        boolean had = from.containsKey(name);
        from.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
        return had;
    }

    /** After a look: how many files came and went under which name. They are not named again. */
    Map<FilePath, Integer> takeMissing() {
        Map<FilePath, Integer> missing = Map.copyOf(told);
        told.clear();
        return missing;
    }

    boolean hasMissing() {
        return !told.isEmpty();
    }

    /** No event is left of what happened before the last look. */
    void settled() {
        foundAhead.clear();
    }

    /** Events were lost: nothing can be said of what was made meanwhile. */
    void forget() {
        told.clear();
        foundAhead.clear();
    }
}
