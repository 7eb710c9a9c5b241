package io.kiroku.systemtests.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of failures names tests; each of them must be there. */
class ReliabilityDocumentTest {
    private static final Path ROOT = Path.of(System.getProperty("kiroku.root", ".."));
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

    @Test
    void everyTestThatItNamesExists() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(path -> path.toString().matches(".*/src/test/java/.*(Test|IT)\\.java"))
                    .toList()) {
                sources.put(String.valueOf(file.getFileName()).replace(".java", ""), Files.readString(file));
            }
        }
        Matcher named = TEST.matcher(Files.readString(ROOT.resolve("docs/RELIABILITY.md")));
        int count = 0;
        while (named.find()) {
            count++;
            assertThat(sources).as(named.group()).containsKey(named.group(1));
            assertThat(sources.get(named.group(1))).as(named.group()).contains("void " + named.group(2) + "(");
        }
        assertThat(count).isGreaterThan(40);
    }

    @Test
    void everyFailureHasItsRow() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/RELIABILITY.md"));
        for (int number = 1; number <= 40; number++) {
            assertThat(document).contains("\n| %d | ".formatted(number));
        }
    }
}
