package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.FilePath;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathGlobTest {
    @ParameterizedTest
    @CsvSource({
        "/var/log/*.log, /var/log/a.log, true",
        "/var/log/*.log, /var/log/.log, true",
        "/var/log/*.log, /var/log/x/a.log, false",
        "/var/log/**, /var/log/x/y/a.log, true",
        "/var/log/**, /var/log, false",
        "/var/**/a.log, /var/a.log, true",
        "/var/**/a.log, /var/x/y/a.log, true",
        "/var/**/a.log, /var/xa.log, false",
        "**/a.log, /var/x/a.log, true",
        "**/a.log, a.log, true",
        "/v**z.log, /var/x/z.log, true",
        "syslog, /var/log/syslog, true",
        "*.log, /var/log/x/a.log, true",
        "sys*, /syslog/a.log, false",
        "log/*.log, /var/log/a.log, true",
        "log/*.log, /var/xlog/a.log, false",
        "*/a.log, /var/log/a.log, true",
        "/a?c, /abc, true",
        "/a?c, /a/c, false",
        "/a[b-d]e, /ace, true",
        "/a[!b-d]e, /ace, false",
        "/a[!b-d]e, /a/e, false",
        "/a[]]e, /a]e, true",
        "/a[b, /a[b, true",
        "/a*b*c, /aXbYc, true",
        "/a*b*c, /aXbY, false",
        "/a, /ab, false",
        "/*, /, true",
    })
    void matchesAsAShellDoes(String glob, String path, boolean matches) {
        assertThat(PathGlob.parse(glob).matches(FilePath.of(path))).isEqualTo(matches);
    }

    @Test
    void matchesBytesThatAreNoText() {
        FilePath path = FilePath.of(new byte[] {'/', 'a', (byte) 0xff, 'b'});
        assertThat(PathGlob.parse("/a?b").matches(path)).isTrue();
        assertThat(PathGlob.parse("/a*").matches(path)).isTrue();
        assertThat(PathGlob.parse("/äb").matches(FilePath.of("/äb"))).isTrue();
    }

    @Test
    void noPatternTakesLong() {
        FilePath path = FilePath.of("/" + "a".repeat(4000));
        PathGlob evil = PathGlob.parse("/" + "*a".repeat(2000) + "b");
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10), () -> assertThat(evil.matches(path)).isFalse());
    }

    @Test
    void refusesWhatCanMatchNothing() {
        assertThatThrownBy(() -> PathGlob.parse("")).hasMessageContaining("1 to 4095 bytes, found 0");
        assertThatThrownBy(() -> PathGlob.parse("x".repeat(5000))).hasMessageContaining("found 5000");
    }
}
