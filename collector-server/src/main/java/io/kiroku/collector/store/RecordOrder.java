package io.kiroku.collector.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Whether records follow each other by their numbers, without a hole, through all volumes of a store. */
final class RecordOrder {
    /** Holes that are remembered; beyond them the oldest is given out as missing for good. */
    private static final int MOST_HOLES = 10_000;

    /** How a record stands to those before it. */
    enum Standing {
        NEXT,
        /** Records are missing before it, or come later. */
        AHEAD,
        /** It was missing before, and comes late. */
        LATE,
        /** A record of its number was there before. */
        TWICE
    }

    /** Records {@code first} to {@code last}. */
    record Range(long first, long last) {
        @Override
        public String toString() {
            return first == last
                    ? "record %d is missing".formatted(first)
                    : "records %d to %d are missing".formatted(first, last);
        }
    }

    /** First to last of each run of numbers that has not been seen. */
    private final NavigableMap<Long, Long> holes = new TreeMap<>();

    private final List<Range> given = new ArrayList<>();
    private long expected = 1;
    private boolean broken;

    /** The number that the next record should have. */
    long expected() {
        return expected;
    }

    /** Bytes that are no record lie here: the numbers up to the next record belong to them. */
    void broken() {
        broken = true;
    }

    Standing record(long number) {
        if (number < expected) {
            broken = false;
            return fill(number) ? Standing.LATE : Standing.TWICE;
        }
        Standing standing = number == expected || broken ? Standing.NEXT : Standing.AHEAD;
        if (standing == Standing.AHEAD) {
            hole(expected, number - 1);
        }
        broken = false;
        expected = number + 1;
        return standing;
    }

    /** A volume begins that states this to be the number of its first record. */
    void volume(long firstRecord) {
        if (firstRecord > expected && !broken) {
            hole(expected, firstRecord - 1);
        }
        expected = Math.max(expected, firstRecord);
        broken = false;
    }

    private void hole(long first, long last) {
        holes.put(first, last);
        if (holes.size() > MOST_HOLES) {
            Map.Entry<Long, Long> oldest = holes.pollFirstEntry();
            given.add(new Range(oldest.getKey(), oldest.getValue()));
        }
    }

    private boolean fill(long number) {
        Map.Entry<Long, Long> hole = holes.floorEntry(number);
        if (hole == null || hole.getValue() < number) {
            return false;
        }
        holes.remove(hole.getKey());
        if (hole.getKey() < number) {
            holes.put(hole.getKey(), number - 1);
        }
        if (number < hole.getValue()) {
            holes.put(number + 1, hole.getValue());
        }
        return true;
    }

    /** The numbers that no record had. */
    List<Range> missing() {
        List<Range> missing = new ArrayList<>(given);
        holes.forEach((first, last) -> missing.add(new Range(first, last)));
        return missing;
    }
}
