package io.kiroku.collector.query;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as people write them: RFC 3339, a date, or a duration before now. */
public final class PointInTime {
    /** No duration is longer: about a hundred years. */
    private static final Duration MOST = Duration.ofDays(36_525);

    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|[smhdw])");
    private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}(?:ms|[smhdw]))+");

    private PointInTime() {}

    /**
     * Reads {@code 2026-01-31T09:30:00Z} (RFC 3339, any offset), {@code 2026-01-31} (its first moment in UTC), or a
     * duration, which counts back from now.
     *
     * @throws IllegalArgumentException if the text is none of these
     */
    public static Instant parse(String text, Instant now) {
        try {
            if (WHOLE.matcher(text).matches()) {
                return now.minus(duration(text));
            }
            return text.indexOf('T') < 0 && text.indexOf('t') < 0
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException neither) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-01-31T09:30:00Z or a duration such as 10m, 2h or 1h30m, found \"%s\""
                            .formatted(text),
                    neither);
        }
    }

    /**
     * Reads a duration: whole numbers with ms, s, m, h, d or w, one after the other.
     *
     * @throws IllegalArgumentException if the text is anything else, or more than about a hundred years
     */
    public static Duration duration(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("expected a duration such as 10m, 2h or 1h30m, found \"" + text + "\"");
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long number = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        case "d" -> Duration.ofDays(number);
                        default -> Duration.ofDays(7 * number);
                    });
        }
        if (sum.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "expected a duration of at most a hundred years, found \"" + text + "\"");
        }
        return sum;
    }
}
