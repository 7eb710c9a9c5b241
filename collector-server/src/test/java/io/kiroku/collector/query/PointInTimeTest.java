package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "10m, 2026-03-01T09:50:00Z",
        "2h, 2026-03-01T08:00:00Z",
        "1h30m, 2026-03-01T08:30:00Z",
        "1d, 2026-02-28T10:00:00Z",
        "1w, 2026-02-22T10:00:00Z",
        "90s, 2026-03-01T09:58:30Z",
        "250ms, 2026-03-01T09:59:59.750Z",
        "0s, 2026-03-01T10:00:00Z",
        "2026-01-31T09:30:00Z, 2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.123456789+02:00, 2026-01-31T07:30:00.123456789Z",
        "2026-01-31, 2026-01-31T00:00:00Z",
    })
    void readsWhatPeopleWrite(String text, String instant) {
        assertThat(PointInTime.parse(text, NOW)).isEqualTo(Instant.parse(instant));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10",
                "m",
                "10 m",
                "-5m",
                "yesterday",
                "2026-13-01",
                "2026-01-31T09:30:00",
                "1h30",
                "9999999999s"
            })
    void refusesEverythingElseWithExamples(String text) {
        assertThatThrownBy(() -> PointInTime.parse(text, NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1h30m")
                .hasMessageContaining("\"" + text + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999999w", "999999999h"})
    void durationsAreBounded(String text) {
        assertThatThrownBy(() -> PointInTime.duration(text)).hasMessageContaining("a hundred years");
    }

    @ParameterizedTest
    @CsvSource({"1s, 1000", "1m1ms, 60001"})
    void readsDurations(String text, long millis) {
        assertThat(PointInTime.duration(text)).isEqualTo(Duration.ofMillis(millis));
    }
}
