package io.kiroku.evidence.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tools of others say of the golden segments. The script proves by itself, in CI, that it can fail. */
class IndependentCheckTest {
    private static final Path SCRIPT = Path.of("src/test/independent/check-golden.sh");
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    private Path directory;

    private record Outcome(int status, List<String> lines) {}

    private Outcome check(Path segments) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process script = new ProcessBuilder(SCRIPT.toString(), segments.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Outcome outcome = new Outcome(script.exitValue(), Files.readAllLines(output, StandardCharsets.UTF_8));
        assumeTrue(outcome.status() != 2, () -> String.join("\n", outcome.lines()));
        return outcome;
    }

    @Test
    void theGoldenSegmentsHold() throws Exception {
        Outcome outcome = check(GOLDEN);
        assertThat(outcome.status()).as("%s", outcome.lines()).isZero();
        assertThat(outcome.lines())
                .contains(
                        "4 segments hold",
                        "ok    the missing segments 4 to 5 are declared lost",
                        "ok    lz4 -dc prints the log",
                        "ok    the identity vouches for the key")
                .noneMatch(line -> line.startsWith("FAIL"));
    }

    @Test
    void aSignatureThatOpensslDoesNotVerifyIsFound() throws Exception {
        Path copy = Files.createDirectory(directory.resolve("copy"));
        try (Stream<Path> segments = Files.list(GOLDEN)) {
            for (Path segment :
                    segments.filter(path -> path.toString().endsWith(".lz4")).toList()) {
                Files.copy(segment, copy.resolve(segment.getFileName()));
            }
        }
        byte[] bytes = Files.readAllBytes(copy.resolve("00000002.lz4"));
        bytes[80] ^= 1;
        Files.write(copy.resolve("00000002.lz4"), bytes);
        Outcome outcome = check(copy);
        assertThat(outcome.status()).isEqualTo(1);
        Optional<String> last = outcome.lines().stream().reduce((_, line) -> line);
        assertThat(last).contains("FAIL  the header's signature: openssl does not verify the signature");
    }
}
