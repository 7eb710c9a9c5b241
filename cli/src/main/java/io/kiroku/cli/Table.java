package io.kiroku.cli;

import io.kiroku.evidence.record.ShownText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows whose columns line up. Widths count characters, the last column is not padded. Cells are {@link ShownText}. */
final class Table {
    /** On which side a column is flush. */
    enum Align {
        LEFT,
        RIGHT
    }

    private static final String BETWEEN = "  ";

    private final List<Align> aligns;
    private final List<List<String>> rows = new ArrayList<>();

    Table(Align... aligns) {
        this.aligns = List.of(aligns);
    }

    Table row(String... cells) {
        if (cells.length != aligns.size()) {
            throw new IllegalArgumentException("expected %d cells, found %d".formatted(aligns.size(), cells.length));
        }
        rows.add(Arrays.stream(cells).map(ShownText::of).toList());
        return this;
    }

    List<String> lines() {
        int[] widths = new int[aligns.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            char[] padding = new char[widths[i] - width(cell)];
            Arrays.fill(padding, ' ');
            if (i > 0) {
                line.append(BETWEEN);
            }
            if (aligns.get(i) == Align.RIGHT) {
                line.append(padding).append(cell);
            } else {
                line.append(cell).append(padding);
            }
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
