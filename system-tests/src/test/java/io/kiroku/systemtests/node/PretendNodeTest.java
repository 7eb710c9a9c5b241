package io.kiroku.systemtests.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.PretendPod;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.cli.demo.Written;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PretendNodeTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final String TIME = "2026-11-23T12:00:00Z ";

    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);

    private PretendNode node() throws IOException {
        return new PretendNode(directory, Rotation.atOnce(Long.MAX_VALUE, Duration.ZERO), clock, 1, true);
    }

    @Test
    void writesLinesAsContainerdDoes() throws Exception {
        try (PretendNode node = node()) {
            PretendContainer container = node.startPod("shop", "web-1").start("app");
            print(container, "one line");
            print(container, "");
            print(container, "x".repeat(16_384));
            print(container, "y".repeat(16_385));
            now.set(NOON.plusNanos(120_300_000));
            container.print(StdStream.STDERR, text("no newline"), false);
            assertThat(content(container.directory().resolve("0.log")))
                    .isEqualTo(TIME + "stdout F one line\n"
                            + TIME + "stdout F \n"
                            + TIME + "stdout F " + "x".repeat(16_384) + "\n"
                            + TIME + "stdout P " + "y".repeat(16_384) + "\n"
                            + TIME + "stdout F y\n"
                            + "2026-11-23T12:00:00.1203Z stderr P no newline\n");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(container.directory().resolve("0.log"))))
                    .isEqualTo("rw-r-----");
        }
    }

    @Test
    void rotatesAsTheKubeletDoes() throws Exception {
        try (PretendNode node = node()) {
            PretendContainer container = node.startPod("shop", "web-1").start("app");
            for (int i = 0; i < 6; i++) {
                print(container, "file " + i);
                now.set(NOON.plusSeconds(i));
                container.rotate();
            }
            print(container, "file 6");
            assertThat(names(container.directory()))
                    .containsExactly(
                            "0.log",
                            "0.log.20261123-120002.gz",
                            "0.log.20261123-120003.gz",
                            "0.log.20261123-120004.gz",
                            "0.log.20261123-120005");
            try (InputStream in = new GZIPInputStream(
                    Files.newInputStream(container.directory().resolve("0.log.20261123-120003.gz")))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("stdout F file 3\n");
            }
            Written written = container.written().getFirst();
            assertThat(written.rotations()).isEqualTo(6);
            assertTruth(written);
        }
    }

    @Test
    void namesCollideWithinASecondAndTheKubeletLosesAFile() throws Exception {
        try (PretendNode node = node()) {
            PretendContainer container = node.startPod("shop", "web-1").start("app");
            for (int i = 0; i < 4; i++) {
                print(container, "file " + i);
                container.rotate();
            }
            assertThat(names(container.directory()))
                    .containsExactly("0.log", "0.log.20261123-120000", "0.log.20261123-120000.gz");
            assertTruth(container.written().getFirst());
        }
    }

    @Test
    void keepsOneDeadInstanceOfAContainer() throws Exception {
        try (PretendNode node = node()) {
            PretendPod pod = node.startPod("shop", "web-1");
            PretendContainer container = pod.start("app");
            print(container, "first");
            container.rotate();
            container.crash();
            assertThat(names(container.directory())).containsExactly("0.log", "0.log.20261123-120000", "1.log");
            container.crash();
            assertThat(names(container.directory())).containsExactly("1.log", "2.log");
            assertThat(names(directory.resolve("containers")))
                    .singleElement()
                    .asString()
                    .startsWith("web-1_shop_app-");
            assertThat(container.written()).extracting(Written::restart).containsExactly(0, 1, 2);
            pod.remove();
            assertThat(pod.directory()).doesNotExist();
            assertThat(names(directory.resolve("containers"))).isEmpty();
            assertThat(container.print(StdStream.STDOUT, text("too late"), true))
                    .isFalse();
            node.written().forEach(PretendNodeTest::assertTruth);
        }
    }

    @Test
    void rotatesBySizeWithoutBeingAsked() throws Exception {
        Rotation rotation = new Rotation(1000, 5, Duration.ZERO, Duration.ofMillis(1));
        try (PretendNode node = new PretendNode(directory, rotation, Clock.systemUTC(), 1, true)) {
            PretendContainer container = node.startPod("shop", "web-1").start("app");
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (container.written().getFirst().rotations() < 3 && System.nanoTime() < end) {
                print(container, "z".repeat(200));
            }
            assertThat(container.written().getFirst().rotations()).isGreaterThanOrEqualTo(3);
            assertTruth(container.written().getFirst());
        }
    }

    @Test
    void linesAreTheSameForTheSameSeedAndOfManyKinds() {
        String one = lines(7, 20_000);
        assertThat(lines(7, 20_000)).isEqualTo(one);
        assertThat(lines(8, 20_000)).isNotEqualTo(one);
        assertThat(one).contains("HTTP/1.1", "{\"level\":", "\tat io.shop", "注文", "request body was: ");
    }

    private static String lines(long seed, int count) {
        LogLines lines = new LogLines(seed);
        ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            lines.next(line.clear());
            all.write(line.array(), 0, line.position());
            all.write('\n');
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** What is known of the bytes is what the copy of them says. */
    private static void assertTruth(Written written) {
        try {
            byte[] copy = Files.readAllBytes(written.copy().orElseThrow());
            assertThat((long) copy.length).isEqualTo(written.length());
            assertThat(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(copy)))
                    .isEqualTo(written.sha256());
        } catch (IOException | NoSuchAlgorithmException failed) {
            throw new AssertionError(failed);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static String content(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private static void print(PretendContainer container, String line) throws IOException {
        assertThat(container.print(StdStream.STDOUT, text(line), true)).isTrue();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
