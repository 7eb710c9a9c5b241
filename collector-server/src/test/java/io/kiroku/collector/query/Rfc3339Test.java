package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
    private static long parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return Rfc3339.parse(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T10:00:00Z",
                "2026-03-01T10:00:00.1Z",
                "2026-03-01T10:00:00.123456789Z",
                "2026-03-01T10:00:00.123456789+02:00",
                "2024-02-29T23:59:59.5-11:30",
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59.25Z",
                "2000-02-29T00:00:00Z",
                "2100-03-01T00:00:00Z"
            })
    void readsAsTheJdkDoes(String text) {
        Instant expected = OffsetDateTime.parse(text).toInstant();
        assertThat(parse(text)).isEqualTo(expected.getEpochSecond() * 1_000_000_000L + expected.getNano());
    }

    @Test
    void countsDaysAsTheCalendarDoes() {
        LocalDate day = LocalDate.of(1900, 1, 1);
        while (day.getYear() < 2150) {
            assertThat(parse(day + "T00:00:00Z")).as("%s", day).isEqualTo(day.toEpochDay() * 86_400_000_000_000L);
            day = day.plusDays(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-03-01",
                "2026-03-01T10:00:00",
                "2026-03-01 10:00:00Z",
                "2026-13-01T10:00:00Z",
                "2026-00-01T10:00:00Z",
                "2026-03-32T10:00:00Z",
                "2026-03-01T24:00:00Z",
                "2026-03-01T10:60:00Z",
                "2026-03-01T10:00:00.Z",
                "2026-03-01T10:00:00.1234567890Z",
                "2026-03-01T10:00:00+0200",
                "2026-03-01T10:00:00+25:00",
                "2026-03-01T10:00:00Zx",
                "x026-03-01T10:00:00Z"
            })
    void refusesEverythingElse(String text) {
        assertThat(parse(text)).isEqualTo(Rfc3339.NONE);
    }

    @Test
    void timesFarAwayStayFarAway() {
        assertThat(parse("9999-12-31T23:59:59Z")).isGreaterThan(parse("2262-01-01T00:00:00Z"));
        assertThat(parse("0001-01-01T00:00:00Z")).isNegative().isNotEqualTo(Rfc3339.NONE);
    }
}
