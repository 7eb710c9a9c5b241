package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.config.StampConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class TimestampOptionsTest {
    @Command
    private static final class Some {
        @Mixin
        private TimestampOptions timestamps;
    }

    private static StampConfig parse(String... arguments) throws CommandException {
        Some some = new Some();
        new CommandLine(some).parseArgs(arguments);
        return some.timestamps.config();
    }

    @Test
    void severalAuthorities() throws Exception {
        assertThat(parse()).isEqualTo(new StampConfig(List.of(), Duration.ofHours(1)));
        assertThat(parse("--tsa", "http://a/", "--tsa", "https://b/tsr", "--tsa-every", "1h30m"))
                .isEqualTo(new StampConfig(
                        List.of(URI.create("http://a/"), URI.create("https://b/tsr")), Duration.ofMinutes(90)));
    }

    @Test
    void otherTextsAreMisuse() {
        assertThatThrownBy(() -> parse("--tsa", "a"))
                .hasMessageStartingWith("--tsa: expected the URL of a timestamping authority");
        assertThatThrownBy(() -> parse("--tsa-every", "often"))
                .hasMessageStartingWith("--tsa: expected a duration such as 10m");
        assertThatThrownBy(() -> parse("--tsa-every", "1ms")).hasMessageStartingWith("--tsa: expected 1 s to 31 days");
    }
}
