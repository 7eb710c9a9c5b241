package io.kiroku.collector.store;

import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says was stored, held against the records as they are found. The catalogue can be deleted, and
 * what it says can be forged; it is never needed for a verdict that something <em>is</em> there. But it is how a volume
 * that lost its last records is found out, and how a damaged record gets its name.
 */
final class Testimony {
    /** Segments whose absence is remembered by name; the rest is counted. */
    private static final int MOST_REMEMBERED = 100_000;

    /** A segment that the catalogue lists. */
    record Listed(long number, Place place, Octets stream, long sequence, Octets hash) {
        private static Listed of(Catalogued entry) {
            return new Listed(
                    entry.number(),
                    entry.place(),
                    entry.header().stream(),
                    entry.header().sequence(),
                    entry.hash());
        }
    }

    private final Map<Octets, Listed> absent = new LinkedHashMap<>();
    private final Set<Long> numbers = new HashSet<>();
    private long unremembered;
    private Catalogue.@Nullable Reader reader;
    private @Nullable Listed upcoming;
    private long limit;

    /** Begins with a volume's catalogue, up to that offset in it. */
    void volume(Catalogue.Reader catalogue, long catalogueLimit) throws IOException {
        reader = catalogue;
        limit = catalogueLimit;
        advance();
    }

    /** A record was found whose segment has that hash. */
    void found(long number, Octets hash) throws IOException {
        while (upcoming != null && upcoming.number() < number) {
            missed(upcoming);
        }
        if (upcoming != null && upcoming.number() == number) {
            if (upcoming.hash().equals(hash)) {
                advance();
            } else {
                missed(upcoming);
            }
        }
        absent.remove(hash);
    }

    /** The segments that are listed to lie in a stretch of the volume in which no whole record was found. */
    List<Listed> within(long at, long end) throws IOException {
        List<Listed> within = new ArrayList<>();
        while (upcoming != null && upcoming.place().recordAt() < end) {
            if (upcoming.place().end() > at) {
                within.add(upcoming);
            }
            missed(upcoming);
        }
        return within;
    }

    /** The volume has ended: all that is listed behind was not found. */
    void volumeEnded() throws IOException {
        while (upcoming != null) {
            missed(upcoming);
        }
        reader = null;
    }

    private void missed(Listed listed) throws IOException {
        if (numbers.size() < MOST_REMEMBERED) {
            numbers.add(listed.number());
            absent.put(listed.hash(), listed);
        } else {
            unremembered++;
        }
        advance();
    }

    private void advance() throws IOException {
        Catalogued entry = reader == null || reader.end() >= limit ? null : reader.next();
        upcoming = entry == null ? null : Listed.of(entry);
    }

    /** What is listed and was found nowhere. */
    Collection<Listed> absent() {
        return absent.values();
    }

    /** Whether the catalogue names what had this number, so that {@link #absent} says what is to be said of it. */
    boolean names(long number) {
        return numbers.contains(number);
    }

    /** How many more there may be. */
    long unremembered() {
        return unremembered;
    }
}
