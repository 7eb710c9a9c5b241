package io.kiroku.systemtests.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** A size as people write it. */
record ByteSize(long bytes) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(|KiB|MiB|GiB)");
    private static final double MEBI = 1 << 20;

    /**
     * Reads a whole number with or without a unit.
     *
     * @throws TypeConversionException if it is none
     */
    static ByteSize parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new TypeConversionException("expected a size such as 512MiB, found " + text);
        }
        long number = Long.parseLong(size.group(1));
        return new ByteSize(
                switch (size.group(2)) {
                    case "KiB" -> number << 10;
                    case "MiB" -> number << 20;
                    case "GiB" -> number << 30;
                    default -> number;
                });
    }

    /** In MiB. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.0f MiB", bytes / MEBI);
    }
}
