package io.kiroku.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.store.RecordOrder.Range;
import io.kiroku.collector.store.RecordOrder.Standing;
import org.junit.jupiter.api.Test;

class RecordOrderTest {
    private final RecordOrder order = new RecordOrder();

    @Test
    void recordsInOrderLeaveNoHole() {
        order.volume(1);
        assertThat(order.record(1)).isEqualTo(Standing.NEXT);
        assertThat(order.record(2)).isEqualTo(Standing.NEXT);
        order.volume(3);
        assertThat(order.record(3)).isEqualTo(Standing.NEXT);
        assertThat(order.missing()).isEmpty();
    }

    @Test
    void aLateRecordFillsAHoleAndAnythingElseIsThereTwice() {
        assertThat(order.record(5)).isEqualTo(Standing.AHEAD);
        assertThat(order.record(3)).isEqualTo(Standing.LATE);
        assertThat(order.record(3)).isEqualTo(Standing.TWICE);
        assertThat(order.record(5)).isEqualTo(Standing.TWICE);
        assertThat(order.missing()).containsExactly(new Range(1, 2), new Range(4, 4));
    }

    @Test
    void brokenBytesStandForTheNumbersUpToTheNextRecord() {
        order.record(1);
        order.broken();
        assertThat(order.record(4)).isEqualTo(Standing.NEXT);
        assertThat(order.missing()).isEmpty();
        assertThat(order.record(6)).isEqualTo(Standing.AHEAD);
        assertThat(order.missing()).containsExactly(new Range(5, 5));
    }

    @Test
    void aVolumeThatBeginsLaterLeavesAHole() {
        order.record(1);
        order.volume(10);
        assertThat(order.missing()).containsExactly(new Range(2, 9));
        assertThat(order.record(10)).isEqualTo(Standing.NEXT);
    }
}
