package io.kiroku.systemtests.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Markdown table of figures: a row for each run, then one with their median, least and greatest. */
final class RunTable {
    private final PrintStream out;
    private final List<Column> columns;

    /**
     * A column.
     *
     * @param head with the unit in it
     * @param format of one figure
     */
    record Column(String head, String format) {}

    /** Something that can be measured again and again. */
    interface Measurement {
        /** One figure for each column; NaN where there is none. */
        double[] run(int number) throws Exception;
    }

    /** Prints the table's head. */
    RunTable(PrintStream out, List<Column> columns) {
        this.out = out;
        this.columns = List.copyOf(columns);
        StringBuilder heads = new StringBuilder("| |");
        StringBuilder line = new StringBuilder("|---|");
        for (Column column : columns) {
            heads.append(' ').append(column.head()).append(" |");
            line.append("---:|");
        }
        out.println(heads);
        out.println(line);
    }

    /** Prints one row. */
    void row(String label, double... figures) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            cells.add(format(columns.get(i), figures[i]));
        }
        print(label, cells);
    }

    /** Measures so often, printing each run as soon as it is done. */
    void measure(String label, int runs, Measurement measurement) throws Exception {
        List<double[]> all = new ArrayList<>();
        for (int run = 1; run <= runs; run++) {
            Workbench.progress("%s: run %d of %d".formatted(label, run, runs));
            double[] figures = measurement.run(run);
            all.add(figures);
            row(runs == 1 ? label : "%s, run %d".formatted(label, run), figures);
        }
        if (runs > 1) {
            summary(label, all);
        }
    }

    private void summary(String label, List<double[]> runs) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int column = i;
            double[] sorted = runs.stream()
                    .mapToDouble(figures -> figures[column])
                    .filter(figure -> !Double.isNaN(figure))
                    .sorted()
                    .toArray();
            cells.add(
                    sorted.length == 0
                            ? ""
                            : "**%s** (%s to %s)"
                                    .formatted(
                                            format(columns.get(i), median(sorted)),
                                            format(columns.get(i), sorted[0]),
                                            format(columns.get(i), sorted[sorted.length - 1])));
        }
        print("**%s, median of %d** (min to max)".formatted(label, runs.size()), cells);
    }

    /** Of figures in ascending order, at least one; the mean of the middle two if their number is even. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String format(Column column, double figure) {
        return Double.isNaN(figure) ? "" : String.format(Locale.ROOT, column.format(), figure);
    }

    private void print(String label, List<String> cells) {
        out.printf("| %s | %s |%n", label, String.join(" | ", cells));
    }
}
