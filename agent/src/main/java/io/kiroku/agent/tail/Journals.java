package io.kiroku.agent.tail;

import io.kiroku.agent.journal.JournalReader;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The journals that are followed: mostly none, or one. */
final class Journals {
    private final List<JournalTail> all = new ArrayList<>();

    Journals(
            Kernel kernel,
            Draft draft,
            FileSet files,
            List<JournalReader> readers,
            Tail.Chain chain,
            Complaints complaints) {
        for (JournalReader reader : readers) {
            JournalTail tail = new JournalTail(kernel, draft, files, reader, chain.end(), complaints);
            for (FileTable.Followed file : chain.files().followed().values()) {
                if (file.source().equals(reader.source())) {
                    tail.resume(file);
                }
            }
            all.add(tail);
        }
    }

    /** Looks for new entries where it is time to. */
    void look() {
        all.forEach(JournalTail::look);
    }

    /** Looks for new entries at the next turn. */
    void wake() {
        all.forEach(JournalTail::wake);
    }

    boolean hasMore() {
        return all.stream().anyMatch(JournalTail::hasMore);
    }

    /** When to look again, on the boot-time clock in nanoseconds. */
    long nextLook() {
        return all.stream().mapToLong(JournalTail::nextLook).min().orElse(Long.MAX_VALUE);
    }

    /**
     * Reads a slice of each journal that has more.
     *
     * @return false if an entry does not fit into what is left of the segment under way
     */
    boolean readSlice() throws IOException {
        boolean fits = true;
        for (JournalTail journal : all) {
            if (journal.hasMore()) {
                fits &= journal.readSlice();
            }
        }
        return fits;
    }

    /** Says how far reading has come, where it has since that was last said. */
    void statePositions() {
        all.forEach(JournalTail::statePosition);
    }

    /** What a segment that restates has to say. */
    List<Entry> standing() {
        List<Entry> standing = new ArrayList<>();
        all.forEach(journal -> standing.addAll(journal.standing()));
        return standing;
    }

    /** All that was said is in the chain. */
    void sealed() {
        all.forEach(JournalTail::sealed);
    }

    int sources() {
        return (int) all.stream().filter(JournalTail::isFollowed).count();
    }

    long bytesRead() {
        return all.stream().mapToLong(JournalTail::bytesRead).sum();
    }

    void close() {
        all.forEach(JournalTail::close);
    }
}
