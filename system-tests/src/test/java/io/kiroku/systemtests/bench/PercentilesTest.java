package io.kiroku.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PercentilesTest {
    @Test
    void aPercentileIsTheNearestRank() {
        Percentiles thousand = new Percentiles(
                LongStream.rangeClosed(1, 1000).map(value -> 1001 - value).toArray());
        assertThat(thousand.at(50)).isEqualTo(500);
        assertThat(thousand.at(99)).isEqualTo(990);
        assertThat(thousand.at(99.9)).isEqualTo(999);
        assertThat(thousand.at(100)).isEqualTo(1000);
        assertThat(thousand.at(0.001)).isEqualTo(1);
        assertThat(thousand.count()).isEqualTo(1000);
    }

    @Test
    void ofOneValueAllAreTheSame() {
        Percentiles one = new Percentiles(new long[] {7});
        assertThat(one.at(50)).isEqualTo(7);
        assertThat(one.at(99.9)).isEqualTo(7);
    }

    @Test
    void ofNothingThereIsNone() {
        assertThatIllegalStateException().isThrownBy(() -> new Percentiles(new long[0]).at(50));
    }
}
