package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private final Budget budget = new Budget(100);
    private final List<String> granted = new ArrayList<>();

    @Test
    void whoFindsTooFewBytesWaitsAndNobodyOvertakes() {
        assertThat(budget.take(80)).isTrue();
        assertThat(budget.take(30)).isFalse();
        budget.await(new Budget.Waiter(30, () -> granted.add("large")));
        assertThat(budget.take(10)).as("others wait").isFalse();
        budget.await(new Budget.Waiter(10, () -> granted.add("small")));
        assertThat(granted).isEmpty();
        budget.giveBack(80);
        assertThat(granted).containsExactly("large", "small");
        assertThat(budget.left()).isEqualTo(60);
    }

    @Test
    void whoLeavesTheLineTakesNothing() {
        assertThat(budget.take(100)).isTrue();
        Budget.Waiter waiter = new Budget.Waiter(50, () -> granted.add("gone"));
        budget.await(waiter);
        assertThat(budget.leave(waiter)).isTrue();
        budget.giveBack(100);
        assertThat(granted).isEmpty();
        assertThat(budget.left()).isEqualTo(100);
        assertThat(budget.leave(waiter)).isFalse();
    }

    @Test
    void aWaiterIsServedAtOnceIfTheBytesAreThere() {
        budget.await(new Budget.Waiter(100, () -> granted.add("now")));
        assertThat(granted).containsExactly("now");
        assertThat(budget.left()).isZero();
    }
}
