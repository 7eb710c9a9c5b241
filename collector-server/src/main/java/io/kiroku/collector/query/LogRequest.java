package io.kiroku.collector.query;

import io.kiroku.evidence.journal.UnitMatch;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is asked for: which sources, and in which form.
 *
 * @param raw the files' exact bytes; otherwise lines for people
 * @param follow whether to wait for more
 * @param timestamps whether to put its time before each line
 * @param prefix whether to put before each line which container of which pod wrote it
 * @param since lines of this time and later: their own time in a pod's log, elsewhere when they were sealed
 * @param until lines of this time and earlier
 * @param unit of journals only what is of that unit
 * @param tail so many lines at the end of each source
 */
public record LogRequest(
        Selection selection,
        boolean raw,
        boolean follow,
        boolean timestamps,
        boolean prefix,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<String> unit,
        OptionalLong tail) {
    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException if they contradict each other; the message is for people
     */
    public LogRequest {
        if (raw && (timestamps || since.isPresent() || until.isPresent() || tail.isPresent())) {
            throw new IllegalArgumentException(
                    "--raw writes whole files byte for byte: --timestamps, --since, --until and --tail do not go with"
                            + " it");
        }
        if (prefix && (raw || !selection.isOfPods())) {
            throw new IllegalArgumentException(
                    "--prefix names the pods of lines: it goes with pods, and not with --raw");
        }
        if (follow && until.isPresent()) {
            throw new IllegalArgumentException("--follow has no end: --until does not go with it");
        }
        if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
            throw new IllegalArgumentException(
                    "--since %s is later than --until %s".formatted(since.get(), until.get()));
        }
        units(unit);
        if (tail.isPresent() && tail.getAsLong() < 0) {
            throw new IllegalArgumentException("expected a number of lines from 0, found " + tail.getAsLong());
        }
    }

    /** What tells the entries of the unit, or all if none is named. */
    UnitMatch units() {
        return units(unit);
    }

    private static UnitMatch units(Optional<String> unit) {
        return new UnitMatch(unit.map(List::of).orElse(List.of()));
    }

    /** The files' exact bytes. */
    public static LogRequest raw(Selection selection) {
        return new LogRequest(
                selection,
                true,
                false,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }

    /** All lines. */
    public static LogRequest text(Selection selection) {
        return new LogRequest(
                selection,
                false,
                false,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }
}
