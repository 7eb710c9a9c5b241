package io.kiroku.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReceiptTimesTest {
    private static final FilePath ONE = FilePath.of("/var/log/pods/a_b_c/d/0.log");
    private static final FilePath TWO = FilePath.of("/var/log/pods/a_b_c/e/0.log");

    private final ReceiptTimes times = new ReceiptTimes();

    ReceiptTimesTest() {
        times.segment(1, List.of(file(1, ONE), new Entry.Chunk(1, 0, 100)));
        times.segment(
                2,
                List.of(
                        new Entry.Chunk(1, 100, 50),
                        file(2, TWO),
                        new Entry.Chunk(2, 0, 10),
                        new Entry.Chunk(1, 150, 5)));
        times.segment(3, List.of(new Entry.Chunk(2, 10, 10)));
    }

    private static Entry.File file(int id, FilePath path) {
        return new Entry.File(id, path, path, new FileIdentity(1, id, 1), 0, Fingerprint.NONE);
    }

    @Test
    void aByteHasTheReceiptOfItsSegment() {
        times.receipt(1, 1000);
        times.receipt(2, 2000);
        times.receipt(3, 3000);
        assertThat(times.nanos(ONE, 1)).isEqualTo(1000);
        assertThat(times.nanos(ONE, 100)).isEqualTo(1000);
        assertThat(times.nanos(ONE, 101)).isEqualTo(2000);
        assertThat(times.nanos(ONE, 155)).isEqualTo(2000);
        assertThat(times.nanos(TWO, 10)).isEqualTo(2000);
        assertThat(times.nanos(TWO, 11)).isEqualTo(3000);
    }

    @Test
    void aReceiptStandsForAllSegmentsBeforeIt() {
        times.receipt(2, 2000);
        assertThat(times.nanos(ONE, 10)).isEqualTo(2000);
    }

    @Test
    void aReceiptThatComesAgainChangesNothing() {
        times.receipt(1, 1000);
        times.receipt(1, 5000);
        assertThat(times.nanos(ONE, 10)).isEqualTo(1000);
    }

    @Test
    void whatHasNoReceiptHasNoTime() {
        times.receipt(2, 2000);
        assertThatIllegalStateException().isThrownBy(() -> times.nanos(TWO, 11));
        assertThatIllegalStateException().isThrownBy(() -> times.nanos(ONE, 156));
        assertThatIllegalStateException().isThrownBy(() -> times.nanos(FilePath.of("/other"), 1));
    }
}
