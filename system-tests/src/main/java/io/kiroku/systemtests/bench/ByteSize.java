package io.kiroku.systemtests.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them. */
final class ByteSize {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(|KiB|MiB|GiB)");

    private ByteSize() {}

    /**
     * Reads a whole number with or without a unit.
     *
     * @throws IllegalArgumentException if it is none
     */
    static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException("expected a size such as 512MiB, found " + text);
        }
        long number = Long.parseLong(size.group(1));
        return switch (size.group(2)) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            case "GiB" -> number << 30;
            default -> number;
        };
    }
}
