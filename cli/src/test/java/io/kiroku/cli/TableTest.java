package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsLineUp() {
        Table table = new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.LEFT)
                .row("NAME", "N", "LAST")
                .row("ä", "1000", "x")
                .row("longer", "1", "");
        assertThat(table.lines()).containsExactly("NAME       N  LAST", "ä       1000  x", "longer     1");
    }

    @Test
    void everyRowHasEveryColumn() {
        assertThatThrownBy(() -> new Table(Table.Align.LEFT).row("a", "b")).hasMessage("expected 1 cells, found 2");
    }
}
