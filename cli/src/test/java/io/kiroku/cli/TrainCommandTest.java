package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where no cache can be made. That one is made, and used, is for a test of the distribution. */
class TrainCommandTest {
    @TempDir
    Path directory;

    @Test
    void anAgentThatMakesNoCacheIsOneSentenceAndLeavesNothing() throws IOException {
        Path output = directory.resolve("agent.aot");
        Files.writeString(output, "of another build");
        Console.Result result = new Console().run("train", "--launcher", "/bin/false", "--output", output.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .isEqualTo("kiroku: no cache was made for the agent, which starts without it: the agent ended with exit"
                        + " status 1 and made none; -v shows what it said%n".formatted());
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
