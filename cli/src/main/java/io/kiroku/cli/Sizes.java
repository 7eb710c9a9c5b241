package io.kiroku.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write and read them. */
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?) ?([A-Za-z]{0,3})");
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private static final Map<String, BigDecimal> FACTORS = Map.ofEntries(
            Map.entry("", BigDecimal.ONE),
            Map.entry("b", BigDecimal.ONE),
            Map.entry("kib", binary(1)),
            Map.entry("mib", binary(2)),
            Map.entry("gib", binary(3)),
            Map.entry("tib", binary(4)),
            Map.entry("ki", binary(1)),
            Map.entry("mi", binary(2)),
            Map.entry("gi", binary(3)),
            Map.entry("ti", binary(4)),
            Map.entry("kb", BigDecimal.TEN.pow(3)),
            Map.entry("mb", BigDecimal.TEN.pow(6)),
            Map.entry("gb", BigDecimal.TEN.pow(9)),
            Map.entry("tb", BigDecimal.TEN.pow(12)));

    private Sizes() {}

    private static BigDecimal binary(int power) {
        return BigDecimal.valueOf(1024).pow(power);
    }

    /**
     * Reads 1GiB, 512MiB, 1.5Gi, 10MB or plain bytes.
     *
     * @param least the smallest that is accepted, bytes
     * @param most the largest, bytes
     * @throws IllegalArgumentException if it is none, or out of bounds; the message is for people
     */
    static long parse(String text, long least, long most) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches() || !FACTORS.containsKey(matcher.group(2).toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "expected a size such as 1GiB, 512MiB or 10MB, found \"%s\"".formatted(text));
        }
        BigDecimal bytes = new BigDecimal(matcher.group(1))
                .multiply(FACTORS.get(matcher.group(2).toLowerCase(Locale.ROOT)))
                .setScale(0, RoundingMode.DOWN);
        if (bytes.compareTo(BigDecimal.valueOf(least)) < 0 || bytes.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw new IllegalArgumentException(
                    "expected a size from %s to %s, found \"%s\"".formatted(format(least), format(most), text));
        }
        return bytes.longValueExact();
    }

    /** Three digits and a unit: {@code 0 B}, {@code 1023 B}, {@code 1.00 KiB}, {@code 12.3 MiB}, {@code 1000 GiB}. */
    static String format(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1023.5 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f %s", value, UNITS[unit]);
    }

    /** A number with its thousands apart: {@code 1,234}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A number and what is counted: {@code 1 segment}, {@code 1,234 segments}. */
    static String count(long number, String singular) {
        return count(number) + " " + singular + (number == 1 ? "" : "s");
    }
}
