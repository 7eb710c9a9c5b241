package io.kiroku.evidence.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import io.kiroku.evidence.RandomEvidence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilePathTest {
    private static final FilePath NOT_UTF8 =
            FilePath.of(new byte[] {'/', 'a', (byte) 0xff, (byte) 0xc3, '/', (byte) 0x80});

    @ParameterizedTest
    @CsvSource({
        "/var/log/a.log, /var/log, a.log",
        "/a,             /,        a",
        "a,              .,        a",
        "/,              /,        /",
        "/a/,            /a,       /a/",
        "//a,            /,        a",
        "a/b,            a,        b",
        "./a,            .,        a"
    })
    void parentAndName(String path, String parent, String name) {
        assertThat(FilePath.of(path).parent()).isEqualTo(FilePath.of(parent));
        assertThat(FilePath.of(path).name()).isEqualTo(FilePath.of(name));
    }

    @Test
    void pathsThatAreNoUtf8KeepTheirBytes() {
        assertThat(NOT_UTF8.bytes()).containsExactly('/', 'a', 0xff, 0xc3, '/', 0x80);
        assertThat(NOT_UTF8.name().bytes()).containsExactly(0x80);
        assertThat(NOT_UTF8.parent().resolve(NOT_UTF8.name())).isEqualTo(NOT_UTF8);
        assertThat(NOT_UTF8).hasToString("/a\\xff\\xc3/\\x80");
        ByteBuffer out = ByteBuffer.allocate(NOT_UTF8.length());
        NOT_UTF8.writeTo(out);
        assertThat(out.array()).isEqualTo(NOT_UTF8.bytes());
        assertThat(NOT_UTF8.byteAt(2)).isEqualTo((byte) 0xff);
    }

    @ParameterizedTest
    @CsvSource({
        "'/var/log/ファイル.log', '/var/log/ファイル.log'",
        "'a\u001b[31mb\u007f', 'a\\x1b[31mb\\x7f'",
        "'a\nb\tc', 'a\\x0ab\\x09c'",
        "'a\\xff', 'a\\\\xff'",
        "'a\u0085b', 'a\\x85b'",
        "'a\u202eb\u200fc', 'a\\u202eb\\u200fc'"
    })
    void nothingInANameReachesTheTerminal(String path, String shown) {
        assertThat(FilePath.of(path)).hasToString(shown);
    }

    @Test
    void whatIsShownHasNoControlCharacters() {
        Property.holds(
                2000,
                dice -> assertThat(RandomEvidence.path(dice).toString().chars()).noneMatch(Character::isISOControl));
    }

    @Test
    void resolveAddsOneSlashWhereThereIsNone() {
        assertThat(FilePath.of("/a").resolve(FilePath.of("b"))).isEqualTo(FilePath.of("/a/b"));
        assertThat(FilePath.of("/").resolve(FilePath.of("b"))).isEqualTo(FilePath.of("/b"));
        assertThat(FilePath.of("/a/").resolve(FilePath.of("b"))).isEqualTo(FilePath.of("/a/b"));
    }

    @Test
    void whatResolveJoinsParentAndNamePartAgain() {
        Property.holds(1000, dice -> {
            FilePath directory =
                    FilePath.of("/" + dice.text(200).replace('\0', '_').replace('/', '_') + "d");
            FilePath name = FilePath.of(dice.text(200).replace('\0', '_').replace('/', '_') + "n");
            FilePath joined = directory.resolve(name);
            assertThat(joined.parent()).isEqualTo(directory);
            assertThat(joined.name()).isEqualTo(name);
            assertThat(joined.startsWith(directory)).isTrue();
        });
    }

    @Test
    void aPathHasOneTo4095BytesAndNoNul() {
        assertThat(FilePath.of("x".repeat(4095)).length()).isEqualTo(4095);
        assertThatThrownBy(() -> FilePath.of("x".repeat(4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096");
        assertThatThrownBy(() -> FilePath.of("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FilePath.of("a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at byte 1");
        FilePath long1 = FilePath.of("x".repeat(4000));
        assertThatThrownBy(() -> long1.resolve(FilePath.of("y".repeat(100))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theBytesGivenAndTakenAreCopies() {
        byte[] given = "/a".getBytes(StandardCharsets.US_ASCII);
        FilePath path = FilePath.of(given);
        given[1] = 'b';
        path.bytes()[1] = 'c';
        assertThat(path).isEqualTo(FilePath.of("/a"));
    }

    @Test
    void theOrderIsThatOfUnsignedBytes() {
        List<FilePath> sorted = Stream.of(
                        new byte[] {(byte) 0xff}, new byte[] {'b'}, new byte[] {'a', 'a'}, new byte[] {'a'})
                .map(FilePath::of)
                .sorted()
                .toList();
        assertThat(sorted).extracting(FilePath::toString).containsExactly("a", "aa", "b", "\\xff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/log/pods", "/var/log", "/"})
    void startsWithComparesBytes(String prefix) {
        assertThat(FilePath.of("/var/log/pods").startsWith(FilePath.of(prefix))).isTrue();
        assertThat(FilePath.of("/var/log/pods").startsWith(FilePath.of(prefix + "x")))
                .isFalse();
    }

    @Test
    void equalPathsAreOne() {
        assertThat(FilePath.of("/a")).hasSameHashCodeAs(FilePath.of("/a")).isNotEqualTo(FilePath.of("/b"));
        assertThat(FilePath.of("/a")).isNotEqualTo("/a");
    }
}
