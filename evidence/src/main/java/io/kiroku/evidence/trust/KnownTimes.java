package io.kiroku.evidence.trust;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of when a log had how many entries, and from whom: its operator by the time in a signature, a witness by that
 * of a cosignature, a timestamping authority by a token. Entries are never taken away, so who saw many has seen the first.
 */
public final class KnownTimes {
    /**
     * A tree that somebody saw.
     *
     * @param size its entries
     * @param at no later than this
     * @param by whom
     */
    public record Seen(long size, Instant at, String by) {}

    /** By time; of those at or before a time, the last has the most entries. */
    private final TreeMap<Instant, Seen> seen = new TreeMap<>();

    /** Somebody whose word counts saw a tree. */
    public void add(Seen tree) {
        Map.Entry<Instant, Seen> before = seen.floorEntry(tree.at());
        if (before != null && before.getValue().size() >= tree.size()) {
            return;
        }
        seen.put(tree.at(), tree);
        Map.Entry<Instant, Seen> later = seen.higherEntry(tree.at());
        while (later != null && later.getValue().size() <= tree.size()) {
            seen.remove(later.getKey());
            later = seen.higherEntry(tree.at());
        }
    }

    /** The largest tree that somebody is known to have seen by then. */
    public Optional<Seen> by(Instant time) {
        return Optional.ofNullable(seen.floorEntry(time)).map(Map.Entry::getValue);
    }

    /** Whether it is known that the log had the entry, counted from 0, by then. */
    public boolean had(long index, Instant time) {
        return by(time).filter(tree -> index < tree.size()).isPresent();
    }
}
