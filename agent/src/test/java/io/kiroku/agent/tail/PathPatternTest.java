package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.FilePath;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns as glob(7) has them, on bytes. */
class PathPatternTest {
    /** Whether the pattern names a file, walked from the root as the tree walks. */
    private static boolean matches(PathPattern pattern, FilePath file) {
        Set<PathPattern.Rest> rests = restsIn(pattern, file.parent());
        return rests.stream().anyMatch(rest -> rest.matches(file.name()));
    }

    private static Set<PathPattern.Rest> restsIn(PathPattern pattern, FilePath directory) {
        if (directory.toString().equals("/")) {
            return Set.of(pattern.start());
        }
        Set<PathPattern.Rest> rests = new HashSet<>();
        for (PathPattern.Rest rest : restsIn(pattern, directory.parent())) {
            FilePath literal = rest.literalDirectory();
            if (literal == null || literal.equals(directory.name())) {
                rests.addAll(rest.below(directory.name()));
            }
        }
        return rests;
    }

    private static boolean matches(String pattern, String file) {
        return matches(PathPattern.parse(pattern), FilePath.of(file));
    }

    @ParameterizedTest
    @CsvSource({
        "/var/log/syslog, /var/log/syslog, true",
        "/var/log/syslog, /var/log/syslog2, false",
        "/var/log/syslog, /var/log/x/syslog, false",
        "//var//./log/syslog, /var/log/syslog, true",
        "/var/log/*.log, /var/log/a.log, true",
        "/var/log/*.log, /var/log/.log, false",
        "/var/log/*.log, /var/log/.hidden.log, false",
        "/var/log/.*.log, /var/log/.hidden.log, true",
        "/var/log/*.log, /var/log/a.log.1, false",
        "/var/log/*.log, /var/log/x/a.log, false",
        "/var/*/a.log, /var/log/a.log, true",
        "/var/*/a.log, /var/.log/a.log, false",
        "/var/log/*, /var/log/anything, true",
        "/a/*b*c, /a/xxbyyc, true",
        "/a/*b*c, /a/bc, true",
        "/a/*b*c, /a/xbyycz, false",
        "/a/?, /a/x, true",
        "/a/?, /a/xy, false",
        "/a/?, /a/., false",
        "/a/x?, /a/x, false",
        "/a/[abc].log, /a/b.log, true",
        "/a/[abc].log, /a/d.log, false",
        "/a/[a-c]x, /a/bx, true",
        "/a/[!a-c]x, /a/bx, false",
        "/a/[!a-c]x, /a/zx, true",
        "/a/[^a-c]x, /a/zx, true",
        "/a/[]]x, /a/]x, true",
        "/a/[!]]x, /a/]x, false",
        "/a/[-a]x, /a/-x, true",
        "/a/[a-]x, /a/-x, true",
        "/a/[x, /a/[x, true",
        "/a/[x, /a/x, false",
        "/a/[.]x, /a/.x, false",
        "/a/*[0-9]*, /a/ab1cd, true",
        "/a/*[0-9], /a/ab1, true",
        "/a/*[0-9], /a/ab, false",
        "/**/x.log, /x.log, true",
        "/**/x.log, /a/b/c/x.log, true",
        "/**/x.log, /a/.b/x.log, false",
        "/a/**/x.log, /a/x.log, true",
        "/a/**/x.log, /b/x.log, false",
        "/a/**/b/*.log, /a/b/x.log, true",
        "/a/**/b/*.log, /a/c/b/d/b/x.log, true",
        "/a/**/b/*.log, /a/c/x.log, false",
        "/a/**/**/x, /a/x, true",
        "/a/**/**/x, /a/b/c/d/x, true",
        "/a/**x, /a/bx, true",
        "/a/**x, /a/b/x, false",
        "/a/**, /a/b, true",
        "/a/**, /a/b/c, true",
        "/a/**, /a/.b, false",
        "/ä/*ö, /ä/xö, true",
    })
    void matchesAsGlobDoes(String pattern, String file, boolean expected) {
        assertThat(matches(pattern, file)).isEqualTo(expected);
    }

    @Test
    void matchesBytesThatAreNoText() {
        FilePath odd = FilePath.of("/logs").resolve(FilePath.of(new byte[] {(byte) 0xff, (byte) 0x80, '.', 'l'}));
        assertThat(matches(PathPattern.parse("/logs/*.l"), odd)).isTrue();
        assertThat(matches(PathPattern.parse("/logs/??.l"), odd)).isTrue();
        assertThat(matches(PathPattern.parse("/logs/?.l"), odd)).isFalse();
        assertThat(matches(PathPattern.parse("/logs/[!a-z]*.l"), odd)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/plain",
                "/with *star",
                "/what?",
                "/[set]",
                "/a[",
                "/a]",
                "/[!a]",
                "/**",
                "/a/[*]/b",
                "/ä*",
                "/b/"
            })
    void aDirectoryIsTakenAsItIs(String directory) {
        PathPattern pattern = PathPattern.below(directory, "*/*.log");
        String plain = directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
        assertThat(matches(pattern, FilePath.of(plain + "/pod/a.log"))).isTrue();
        assertThat(matches(pattern, FilePath.of(plain + "x/pod/a.log"))).isFalse();
        assertThat(matches(pattern, FilePath.of("/other/pod/a.log"))).isFalse();
        assertThat(matches(pattern, FilePath.of("/x/y/pod/a.log"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "relative", "relative/*.log", "/", "//", "/.", "/var/log/", "/a/../b", "/..", "/a/b\0c"})
    void whatIsNoPathOfFilesIsRefused(String text) {
        assertThatThrownBy(() -> PathPattern.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected");
    }

    @Test
    void patternsAreBounded() {
        assertThatThrownBy(() -> PathPattern.parse("/a".repeat(65))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PathPattern.parse("/" + "a".repeat(4095)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PathPattern.parse("/" + "ä".repeat(3000) + "/b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(PathPattern.parse("/" + "a".repeat(4094)).toString()).hasSize(4095);
    }

    @Test
    void hostilePatternsFinishQuickly() {
        String name = "a".repeat(255);
        String[] hostile = {
            "*a".repeat(120) + "b",
            "*".repeat(250) + "b",
            "*?".repeat(120) + "b",
            "*[a-b]".repeat(40) + "c",
            "*" + "[".repeat(250),
            "?*".repeat(120) + "x",
        };
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String glob : hostile) {
                for (int i = 0; i < 200; i++) {
                    assertThat(matches("/d/" + glob, "/d/" + name)).isFalse();
                }
            }
        });
    }

    @Test
    void manyLevelsOfAnyDepthFinishQuickly() {
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            PathPattern pattern = PathPattern.parse("/**/a".repeat(30) + "/b");
            assertThat(matches(pattern, FilePath.of("/a".repeat(60) + "/b"))).isTrue();
            assertThat(matches(pattern, FilePath.of("/a".repeat(60) + "/c"))).isFalse();
        });
    }

    @Test
    void rotatedNamesHaveALiveName() {
        assertThat(RotatedName.liveNameOf(FilePath.of("0.log.20250101-123456"))).isEqualTo(FilePath.of("0.log"));
        assertThat(RotatedName.liveNameOf(FilePath.of("x.20250101-123456"))).isEqualTo(FilePath.of("x"));
        for (String other : new String[] {
            "0.log",
            ".20250101-123456",
            "0.log.20250101-12345",
            "0.log.20250101-1234567",
            "0.log.20250101_123456",
            "0.log.2025010a-123456",
            "0.log.20250101-123456.gz",
            "0.log.20250101-123456.tmp",
            "0.log-20250101-123456"
        }) {
            assertThat(RotatedName.liveNameOf(FilePath.of(other))).as(other).isNull();
        }
    }

    @Test
    void namesThatAnApiServerGivesToRotatedAuditLogsHaveALiveName() {
        String stamp = "-2026-03-01T10-00-00.123";
        assertThat(RotatedName.liveNameOf(FilePath.of("audit" + stamp + ".log")))
                .isEqualTo(FilePath.of("audit.log"));
        assertThat(RotatedName.liveNameOf(FilePath.of("audit" + stamp))).isEqualTo(FilePath.of("audit"));
        assertThat(RotatedName.liveNameOf(FilePath.of("a.b" + stamp + ".json"))).isEqualTo(FilePath.of("a.b.json"));
        assertThat(RotatedName.liveNameOfCompressed(FilePath.of("audit" + stamp + ".log.gz")))
                .isEqualTo(FilePath.of("audit.log"));
        assertThat(RotatedName.isCompressedInPlace(FilePath.of("audit" + stamp + ".log.gz")))
                .isTrue();
        assertThat(RotatedName.isCompressedInPlace(FilePath.of("audit.log.20250101-123456.gz")))
                .isFalse();
        for (String other : new String[] {
            stamp + ".log",
            "audit-2026-03-01T10-00-00.12.log",
            "audit-2026-03-01 10-00-00.123.log",
            "audit-2026-03-01T10-00-0x.123.log",
            "audit-2026-03-01T10-00-00.123.log.gz",
            "audit-2026-03-01.log"
        }) {
            assertThat(RotatedName.liveNameOf(FilePath.of(other))).as(other).isNull();
        }
    }
}
