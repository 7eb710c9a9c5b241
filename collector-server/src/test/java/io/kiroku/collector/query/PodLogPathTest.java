package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.FilePath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodLogPathTest {
    @Test
    void readsTheKubeletsLayout() {
        assertThat(PodLogPath.parse(FilePath.of("/var/log/pods/prod_web-7d9f.x_0a1b-22/app/3.log")))
                .contains(new PodLogPath("prod", "web-7d9f.x", "0a1b-22", "app", 3));
    }

    @Test
    void anyRootDirectoryWillDo() {
        PodLogPath expected = new PodLogPath("a", "b", "c", "d", 0);
        assertThat(PodLogPath.parse(FilePath.of("/tmp/x_y_z/pods/a_b_c/d/0.log")))
                .contains(expected);
        assertThat(PodLogPath.parse(FilePath.of("a_b_c/d/0.log"))).contains(expected);
        assertThat(PodLogPath.parse(FilePath.of(new byte[] {
                    '/', (byte) 0xff, '\n', '/', 'a', '_', 'b', '_', 'c', '/', 'd', '/', '0', '.', 'l', 'o', 'g'
                })))
                .contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/var/log/pods/a_b_c/d/0.log.20260101-000000",
                "/var/log/pods/a_b_c/d/x.log",
                "/var/log/pods/a_b_c/d/99999999999.log",
                "/var/log/pods/a_b/d/0.log",
                "/var/log/pods/a_b_c_d/e/0.log",
                "/var/log/pods/A_b_c/d/0.log",
                "/var/log/pods/a_b_c/0.log",
                "/var/log/syslog"
            })
    void otherFilesNameNoInstance(String path) {
        assertThat(PodLogPath.parse(FilePath.of(path))).isEmpty();
    }
}
