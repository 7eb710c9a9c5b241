package io.kiroku.systemtests.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Catch-up as a whole, from the agent's start to the last receipt, against what one core of the same machine does in the same
 * run at most. A ratio depends on the machine less than a rate does, and still on what else it does: so in the soak only.
 */
@EnabledIfSystemProperty(named = "kiroku.full", matches = "true")
final class CatchUpIT {
    /** In percent: half of what two idle cores do, and less. */
    private static final int LEAST_OF_THE_LIMIT = 10;

    private static final Pattern BAR = Pattern.compile(" *\\| *");
    private static final String COLUMN = "of the limit";

    @TempDir
    Path directory;

    @Test
    void catchUpComesNearTheLimit() throws Exception {
        Path bench = Path.of(System.getProperty("kiroku.root"), "system-tests", "bench");
        Shell.Outcome outcome = Shell.run(bench.toString(), "--size", "512MiB", "--dir", directory.toString());
        System.out.println(outcome.text());
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        List<List<String>> table = outcome.text()
                .lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> List.of(BAR.split(line, -1)))
                .toList();
        int column = table.getFirst().indexOf(COLUMN);
        assertThat(column).as("the column \"%s\" in %s", COLUMN, table).isPositive();
        List<String> run = table.stream()
                .filter(row -> row.get(1).startsWith("kiroku"))
                .reduce((_, last) -> last)
                .orElseThrow(() -> new AssertionError("no run of kiroku in " + table));
        int percent = Integer.parseInt(run.get(column).replaceAll("\\D", ""));
        assertThat(percent).as("percent of the limit").isGreaterThanOrEqualTo(LEAST_OF_THE_LIMIT);
    }
}
