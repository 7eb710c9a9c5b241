package io.kiroku.agent.journal;

import io.kiroku.agent.journal.JournalReader.Step;
import io.kiroku.evidence.record.Entry.GapCause;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by the journal's own numbers which entries are missing. Where the numbers of one sequence have a hole, it is
 * known how many. Where another sequence begins, as after journald has set a broken file aside, the headers of the files
 * say how far the last one went, and where the new one began.
 */
final class Numbering {
    /** Sequences whose numbers are kept; a machine's journal has one at a time. */
    private static final int MOST_SEQUENCES = 64;

    private final Path directory;
    private final Map<String, Long> numbers = new LinkedHashMap<>();
    private @Nullable String last;
    private boolean notFound;

    Numbering(Path directory) {
        this.directory = directory;
    }

    /** Reading goes on behind that entry, or with it. */
    void goOn(String cursor, boolean isWhole) {
        numbers.clear();
        notFound = false;
        last = null;
        Cursor.parse(cursor).ifPresent(at -> note(at.sequence(), isWhole ? at.number() : at.number() - 1));
    }

    /** The entry behind which reading was to go on is not there any more. */
    void notFound() {
        notFound = true;
    }

    /** The entry is accounted for. */
    void read(String cursor) {
        Cursor.parse(cursor).ifPresent(at -> note(at.sequence(), at.number()));
    }

    private void note(String sequence, long number) {
        if (numbers.size() >= MOST_SEQUENCES && !numbers.containsKey(sequence)) {
            numbers.remove(numbers.keySet().iterator().next());
        }
        numbers.put(sequence, number);
        last = sequence;
    }

    /**
     * What is missing before that entry, which comes next.
     *
     * @param micros when the entry was received, in microseconds since the Unix epoch
     */
    Optional<Step.Lost> missingBefore(String cursor, long micros) {
        boolean unsure = notFound;
        notFound = false;
        Optional<Cursor> parsed = Cursor.parse(cursor);
        if (parsed.isEmpty()) {
            return unsure ? Optional.of(unknown()) : Optional.empty();
        }
        Cursor next = parsed.get();
        Long before = numbers.get(next.sequence());
        if (before != null) {
            return next.number() > before + 1
                    ? Optional.of(lost(next.sequence(), before + 1, next.number() - 1))
                    : Optional.empty();
        }
        List<JournalFile> files = JournalFile.in(directory);
        String old = last;
        if (old != null) {
            Optional<Step.Lost> rest = restOf(old, numbers.getOrDefault(old, 0L), files, micros);
            if (rest.isPresent()) {
                return rest;
            }
        }
        long first = files.stream()
                .filter(file -> file.sequence().equals(next.sequence()) && file.first() > 0)
                .mapToLong(JournalFile::first)
                .min()
                .orElse(next.number());
        return first < next.number() ? Optional.of(lost(next.sequence(), first, next.number() - 1)) : Optional.empty();
    }

    /** What is missing of a sequence that seems to have ended. */
    private Optional<Step.Lost> restOf(String sequence, long number, List<JournalFile> files, long micros) {
        List<JournalFile> ofSequence =
                files.stream().filter(file -> file.sequence().equals(sequence)).toList();
        if (ofSequence.isEmpty()) {
            return Optional.of(unknown());
        }
        long end = ofSequence.stream()
                .filter(file -> file.lastMicros() <= micros)
                .mapToLong(JournalFile::last)
                .max()
                .orElse(0);
        return end > number ? Optional.of(lost(sequence, number + 1, end)) : Optional.empty();
    }

    private static Step.Lost unknown() {
        return new Step.Lost(
                null,
                GapCause.VACUUMED,
                "the journal was vacuumed before it had been read: how many entries that were is not known");
    }

    /** The entries of these numbers are missing: a file that is still there, and should have them, cannot be read. */
    private Step.Lost lost(String sequence, long from, long to) {
        long count = to - from + 1;
        String which = "%d %s of the journal, number %d to %d of sequence %s"
                .formatted(count, count == 1 ? "entry" : "entries", from, to, sequence);
        return JournalFile.in(directory).stream()
                .filter(file -> file.sequence().equals(sequence) && file.first() <= to && file.last() >= from)
                .findFirst()
                .map(file -> new Step.Lost(
                        null, GapCause.READ_ERROR, "%s: %s cannot be read there".formatted(which, file.path())))
                .orElseGet(() -> new Step.Lost(
                        null,
                        GapCause.VACUUMED,
                        "%s: %s before %s had been read"
                                .formatted(
                                        which,
                                        count == 1 ? "it was vacuumed" : "they were vacuumed",
                                        count == 1 ? "it" : "they")));
    }
}
