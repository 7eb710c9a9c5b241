package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "17, 17",
        "17B, 17",
        "1KiB, 1024",
        "512MiB, 536870912",
        "1GiB, 1073741824",
        "1gib, 1073741824",
        "1Gi, 1073741824",
        "2TiB, 2199023255552",
        "10MB, 10000000",
        "10 MB, 10000000",
        "1kB, 1000",
        "1.5GiB, 1610612736",
    })
    void readsWhatPeopleWrite(String text, long bytes) {
        assertThat(Sizes.parse(text, 0, Long.MAX_VALUE)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GiB", "1 G", "1GB2", "-1", "1e9", "1,5GiB", "0x10", "1PiB", "12345678901234567890"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> Sizes.parse(text, 0, Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a size such as 1GiB, 512MiB or 10MB, found \"" + text + "\"");
    }

    @Test
    void saysWhatTheBoundsAre() {
        assertThatThrownBy(() -> Sizes.parse("1KiB", 16 << 20, 1L << 40))
                .hasMessage("expected a size from 16.0 MiB to 1.00 TiB, found \"1KiB\"");
        assertThatThrownBy(() -> Sizes.parse("999999999999999999TiB", 0, Long.MAX_VALUE))
                .hasMessageStartingWith("expected a size from 0 B to 8.00 EiB");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.00 KiB",
        "10239, 10.0 KiB",
        "102350, 100 KiB",
        "1048575, 1.00 MiB",
        "1048064, 1.00 MiB",
        "1048063, 1023 KiB",
        "12897485, 12.3 MiB",
        "1610612736, 1.50 GiB",
        "9223372036854775807, 8.00 EiB"
    })
    void writesThreeDigitsAndAUnit(long bytes, String text) {
        assertThat(Sizes.format(bytes)).isEqualTo(text);
    }

    @Test
    void countsThings() {
        assertThat(Sizes.count(1, "segment")).isEqualTo("1 segment");
        assertThat(Sizes.count(1234567, "segment")).isEqualTo("1,234,567 segments");
        assertThat(Sizes.count(0, "gap")).isEqualTo("0 gaps");
    }
}
