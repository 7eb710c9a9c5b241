package io.kiroku.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StampConfigTest {
    @ParameterizedTest
    @ValueSource(strings = {"http://tsa.example.org/tsr", "https://[::1]:8080", "http://127.0.0.1:1/tsa?policy=1"})
    void urls(String text) {
        assertThat(StampConfig.authority(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tsa.example.org", "ftp://x/", "http:///tsr", "http://user@x/", "http://x/#y", "http://a b"})
    void otherTexts(String text) {
        assertThatThrownBy(() -> StampConfig.authority(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected the URL of a timestamping authority such as http://tsa.example.org/tsr, found \""
                        + text + "\"");
    }

    @Test
    void bounds() {
        URI url = URI.create("http://x/");
        assertThatThrownBy(() -> new StampConfig(Collections.nCopies(17, url), StampConfig.DEFAULT_EVERY))
                .hasMessage("expected at most 16 timestamping authorities, found 17");
        assertThatThrownBy(() -> new StampConfig(List.of(url), Duration.ofMillis(999)))
                .hasMessage("expected 1 s to 31 days between two timestamps, found 0 s");
        assertThatThrownBy(() -> new StampConfig(List.of(url), Duration.ofDays(32)))
                .hasMessage("expected 1 s to 31 days between two timestamps, found 2764800 s");
        assertThat(new StampConfig(List.of(), StampConfig.LEAST).authorities()).isEmpty();
    }
}
