package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
    @Test
    void theLimitIsThatOfTheProcess() {
        assertThat(OpenFiles.parse(List.of(
                        "Limit                     Soft Limit           Hard Limit           Units     ",
                        "Max open files            1024                 4096                 files     ")))
                .isEqualTo(1024);
        assertThat(OpenFiles.parse(
                        List.of("Max open files            unlimited            unlimited            files")))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(OpenFiles.parse(List.of())).isEqualTo(Long.MAX_VALUE);
        assertThat(OpenFiles.most()).isBetween(100L, Long.MAX_VALUE);
    }

    @Test
    void nobodyGetsMoreThanHisPart() {
        assertThat(OpenFiles.share(10, 2)).isEqualTo(10);
        assertThat((long) OpenFiles.share(Integer.MAX_VALUE, 2))
                .isEqualTo(Math.min(Integer.MAX_VALUE, OpenFiles.most() / 2));
    }
}
