package io.kiroku.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunTableTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final RunTable table = new RunTable(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            List.of(new RunTable.Column("MB/s", "%.0f"), new RunTable.Column("s", "%.2f")));

    @Test
    void everyRunHasARowAndThenTheirMedianWithItsSpread() throws Exception {
        double[] seconds = {3, 1, 2.5};
        table.measure("kiroku", 3, number -> new double[] {Double.NaN, seconds[number - 1]});
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "| | MB/s | s |",
                        "|---|---:|---:|",
                        "| kiroku, run 1 |  | 3.00 |",
                        "| kiroku, run 2 |  | 1.00 |",
                        "| kiroku, run 3 |  | 2.50 |",
                        "| **kiroku, median of 3** (min to max) |  | **2.50** (1.00 to 3.00) |");
    }

    @Test
    void oneRunHasNoSummary() throws Exception {
        table.measure("kiroku", 1, _ -> new double[] {1, 2});
        assertThat(out.toString(StandardCharsets.UTF_8))
                .endsWith("|---|---:|---:|%n| kiroku | 1 | 2.00 |%n".formatted());
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(RunTable.median(new double[] {1, 2, 4, 9})).isEqualTo(3);
    }
}
