package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogLimitTest {
    private final AtomicLong now = new AtomicLong(5);
    private final LogLimit limit = new LogLimit(now::get);

    @Test
    void aBurstIsLetThroughThenOneForEachInterval() {
        for (int i = 0; i < LogLimit.AT_ONCE; i++) {
            assertThat(limit.admit()).isZero();
        }
        assertThat(limit.admit()).isEqualTo(LogLimit.LEFT_OUT);
        assertThat(limit.admit()).isEqualTo(LogLimit.LEFT_OUT);
        now.addAndGet(LogLimit.INTERVAL_NANOS);
        assertThat(limit.admit()).as("and says how many were left out").isEqualTo(2);
        assertThat(limit.admit()).isEqualTo(LogLimit.LEFT_OUT);
    }

    @Test
    void afterQuietTheBurstIsThereAgainAndNotMore() {
        for (int i = 0; i < LogLimit.AT_ONCE; i++) {
            limit.admit();
        }
        now.addAndGet(1_000 * LogLimit.INTERVAL_NANOS);
        for (int i = 0; i < LogLimit.AT_ONCE; i++) {
            assertThat(limit.admit()).isZero();
        }
        assertThat(limit.admit()).isEqualTo(LogLimit.LEFT_OUT);
    }
}
