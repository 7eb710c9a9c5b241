package io.kiroku.agent.journal;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Journal;
import io.kiroku.evidence.journal.ExportWriter;
import io.kiroku.evidence.journal.JournalPath;
import io.kiroku.evidence.journal.UnitMatch;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries of a journal one after the other, from the first or from where it was left, and finds out what is
 * missing between them. For use by one thread. While it is not open it has nothing to give.
 */
public final class JournalReader implements AutoCloseable {
    /** What reading came upon. */
    public sealed interface Step {
        /** There is nothing more now. */
        record End() implements Step {}

        /** An entry of a unit that is captured: its bytes are the first {@code length} of {@link #bytes()}. */
        record Captured(String cursor, int length) implements Step {}

        /** An entry of a unit that is not captured. */
        record PassedOver(String cursor) implements Step {}

        /**
         * Entries are missing.
         *
         * @param cursor the entry that is lost, if it could be found but not read; null if those are that stood before the
         *     one that the next step gives
         * @param detail one sentence: how many, which, why
         */
        record Lost(@Nullable String cursor, Entry.GapCause cause, String detail) implements Step {}
    }

    private static final Step END = new Step.End();

    private final FilePath directory;
    private final UnitMatch units;
    private final ExportWriter writer = new ExportWriter();
    private final Numbering numbering;

    private @Nullable Journal journal;

    /** The entry that has to be found again before reading goes on; null once it was. */
    private @Nullable String sought;

    /** Whether reading goes on behind the entry that is sought, not with it. */
    private boolean behindSought;

    /** Whether the journal is at an entry whose step was not given yet. */
    private boolean isAtEntry;

    /**
     * A journal that is not open yet.
     *
     * @param directory an absolute path
     * @param unitNames the units whose entries are captured; none for all
     * @throws IllegalArgumentException if one is no unit's name
     */
    public JournalReader(FilePath directory, Collection<String> unitNames) {
        this.directory = directory;
        this.units = new UnitMatch(unitNames);
        this.numbering = new Numbering(Path.of(directory.toString()));
    }

    /** The source that the journal is. */
    public FilePath source() {
        return JournalPath.of(directory);
    }

    public boolean isOpen() {
        return journal != null;
    }

    /**
     * Opens the journal at its first entry.
     *
     * @throws ErrnoException if the directory is not there or cannot be read
     * @throws IOException with one sentence if there is no libsystemd here
     */
    public void open() throws IOException {
        close();
        journal = Journal.open(directory, ExportWriter.MOST);
    }

    /**
     * Goes on where reading was left.
     *
     * @param cursor the last entry that was begun
     * @param isWhole whether all of it was captured: else it comes once more
     */
    public void goOn(String cursor, boolean isWhole) {
        sought = cursor;
        behindSought = isWhole;
        isAtEntry = false;
        numbering.goOn(cursor, isWhole);
    }

    /** Takes note of files that came or went, and says whether any did. */
    public boolean look() throws ErrnoException {
        return journal != null && journal.process();
    }

    /** The files that are no journal files, though they are named as such. */
    public List<JournalFile> damaged() {
        return JournalFile.in(Path.of(directory.toString())).stream()
                .filter(file -> !file.damage().isEmpty())
                .toList();
    }

    /** What comes next. */
    public Step next() throws ErrnoException {
        Journal at = journal;
        if (at == null) {
            return END;
        }
        if (!isAtEntry) {
            if (!advance(at)) {
                return END;
            }
            isAtEntry = true;
            Optional<Step.Lost> missing = numbering.missingBefore(at.cursor(), at.realtimeMicros());
            if (missing.isPresent()) {
                return missing.get();
            }
        }
        isAtEntry = false;
        return read(at);
    }

    /** Goes to the next entry, or to the one that is sought, or to what is there instead. */
    private boolean advance(Journal at) throws ErrnoException {
        String cursor = sought;
        if (cursor != null) {
            at.seek(cursor);
            if (!at.next()) {
                return false;
            }
            sought = null;
            if (!at.isAt(cursor)) {
                numbering.notFound();
                return true;
            }
            if (!behindSought) {
                return true;
            }
        }
        return at.next();
    }

    private Step read(Journal at) throws ErrnoException {
        String cursor = at.cursor();
        numbering.read(cursor);
        long realtime = at.realtimeMicros();
        long monotonic = at.monotonicMicros();
        writer.begin(cursor, realtime, monotonic, at.bootId());
        units.begin();
        try {
            at.restartData();
            for (ByteBuffer data = at.nextData(); data != null; data = at.nextData()) {
                int from = writer.field(data);
                if (from >= 0) {
                    units.field(writer.array(), from, writer.length() - 1);
                }
            }
        } catch (ErrnoException | IllegalArgumentException damaged) {
            return new Step.Lost(
                    cursor,
                    Entry.GapCause.READ_ERROR,
                    "entry %s of the journal cannot be read: %s".formatted(cursor, damaged.getMessage()));
        }
        writer.end();
        if (writer.tooLong() > 0) {
            return new Step.Lost(
                    cursor,
                    Entry.GapCause.BUDGET,
                    "entry %s of the journal has more than the %d bytes that are captured of one"
                            .formatted(cursor, ExportWriter.MOST));
        }
        if (!units.matches()) {
            return new Step.PassedOver(cursor);
        }
        return new Step.Captured(cursor, writer.length());
    }

    /** Where the bytes of a captured entry are; valid until the next step. */
    public byte[] bytes() {
        return writer.array();
    }

    @Override
    public void close() {
        Journal open = journal;
        journal = null;
        isAtEntry = false;
        if (open != null) {
            open.close();
        }
    }
}
