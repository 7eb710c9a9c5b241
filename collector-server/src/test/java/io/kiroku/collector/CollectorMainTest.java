package io.kiroku.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.config.CollectorConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollectorMainTest {
    @Test
    void optionsAreRead() {
        assertThat(CollectorMain.parse(List.of("--data", "d", "--http", "127.0.0.1:1", "--listen", "[::1]:2")))
                .isEqualTo(new CollectorConfig(
                        Path.of("d"), CollectorConfig.address("[::1]:2"), CollectorConfig.address("127.0.0.1:1")));
        assertThat(CollectorMain.parse(List.of("--data", "d"))).isEqualTo(CollectorConfig.of(Path.of("d")));
    }

    @Test
    void misuseIsSaidInASentence() {
        for (List<String> arguments : List.of(
                List.<String>of(), List.of("--data"), List.of("--help", "x"), List.of("--data", "d", "--http", "no"))) {
            assertThatThrownBy(() -> CollectorMain.parse(arguments))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected");
        }
    }
}
