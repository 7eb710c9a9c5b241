package io.kiroku.evidence.journal;

import io.kiroku.evidence.record.FilePath;
import java.util.Arrays;

/**
 * The path of a source that is a journal: {@code journal:} and the absolute path of the directory with the journal's
 * files. No log file's source has such a path, as theirs begin with a slash.
 */
public final class JournalPath {
    /** What the path of every journal begins with. */
    public static final String SCHEME = "journal:";

    private static final FilePath PREFIX = FilePath.of(SCHEME + "/");

    private JournalPath() {}

    /** The source that the journal in that directory is, an absolute path. */
    public static FilePath of(FilePath directory) {
        return FilePath.of(concat(FilePath.of(SCHEME).bytes(), directory.bytes()));
    }

    /** Whether the source is a journal. */
    public static boolean isJournal(FilePath source) {
        return source.startsWith(PREFIX);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
