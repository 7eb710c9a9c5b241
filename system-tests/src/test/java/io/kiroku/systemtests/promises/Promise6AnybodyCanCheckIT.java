package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.systemtests.faults.Tampering;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.VolumeScan;
import io.kiroku.systemtests.store.VolumeScan.Stored;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Whoever has the bytes can tell whether they are what was sealed, with stock tools as far as they go. */
final class Promise6AnybodyCanCheckIT {
    private static final long MEBI = 1 << 20;
    private static final int FLIPS = Site.FULL ? 100 : 5;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+) to (\\d+)");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void whateverIsChangedInAVolumeIsNamed() throws Exception {
        try (Site site = new Site(directory)) {
            captureSomething(site);
            site.assertVerifiedWithoutGaps();
            List<Stored> segments = VolumeScan.segments(site.data());
            assertThat(segments).hasSizeGreaterThan(4);

            Random random = site.random();
            for (int i = 0; i < FLIPS; i++) {
                Path copy = Tampering.copy(site.data(), directory.resolve("flipped-" + i));
                Stored last = VolumeScan.segments(copy).getLast();
                long offset = random.nextLong(last.end());
                Tampering.flip(last.volume(), offset, random.nextInt(8));
                Outcome outcome = site.program().run("verify", copy.toString());
                assertThat(outcome.exit())
                        .as("byte %d flipped: %s", offset, outcome)
                        .isEqualTo(1);
                assertThat(outcome.text()).contains(String.valueOf(last.volume().getFileName()));
                assertThat(ranges(outcome.text(), offset))
                        .as("a range that holds byte %d: %s", offset, outcome)
                        .isTrue();
            }

            Path dropped = Tampering.copy(site.data(), directory.resolve("dropped"));
            Stored victim = Tampering.neighbours(dropped).getFirst();
            Tampering.drop(victim);
            assertNamed(site, dropped, victim);

            Path swapped = Tampering.copy(site.data(), directory.resolve("swapped"));
            List<Stored> neighbours = Tampering.neighbours(swapped);
            Tampering.swap(neighbours.getFirst(), neighbours.getLast());
            assertNamed(site, swapped, neighbours.getFirst());

            Outcome nothing =
                    site.program().run("verify", directory.resolve("nowhere").toString());
            assertThat(nothing.exit()).as("%s", nothing).isEqualTo(2);
        }
    }

    @Test
    void segmentIsAnLz4FileOfLogLines() throws Exception {
        Wanting.program("that lz4 reads a segment", "lz4");
        try (Site site = new Site(directory)) {
            captureSomething(site);
            byte[] original = Files.readAllBytes(site.written().getFirst().live());
            Stored chosen = firstOfLogs(site);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            for (Entry entry : chosen.segment().entries()) {
                if (entry instanceof Entry.Chunk chunk) {
                    expected.write(original, Math.toIntExact(chunk.from()), chunk.length());
                }
            }
            Path extracted = directory.resolve("segment.lz4");
            Outcome extraction = site.program()
                    .run(
                            "segment",
                            "extract",
                            "--data",
                            site.data().toString(),
                            "--sequence",
                            Long.toString(chosen.segment().header().sequence()),
                            "-o",
                            extracted.toString());
            assertThat(extraction.exit()).as("%s", extraction).isZero();

            Path printed = directory.resolve("segment.log");
            Shell.bash("lz4 -t \"$1\" && lz4 -dc \"$1\" > \"$2\"", extracted, printed);
            assertThat(Files.readAllBytes(printed)).isEqualTo(expected.toByteArray());

            Outcome verified = site.program().run("verify", extracted.toString());
            assertThat(verified.exit()).as("%s", verified).isZero();
        }
    }

    /** What the collector puts on record itself is stored before anything that an agent captures. */
    private static Stored firstOfLogs(Site site) throws Exception {
        for (Stored stored : VolumeScan.segments(site.data())) {
            if (stored.segment().header().rawLength() > 0
                    && !OwnNode.states(stored.segment().entries())) {
                return stored;
            }
        }
        throw new AssertionError("no segment has a byte of a log");
    }

    @Test
    void beginningOfAStreamIsCheckedByToolsThatNobodyHereWrote() throws Exception {
        Wanting.program("the check with stock tools", "lz4");
        Wanting.program("the check with stock tools", "openssl");
        try (Site site = new Site(directory)) {
            captureSomething(site);
            Path segments = directory.resolve("segments");
            Outcome dump = site.program()
                    .run("ring", "--state", site.state().toString(), "dump", "--segments", segments.toString());
            assertThat(dump.exit()).as("%s", dump).isZero();
            Path beginning = Files.createDirectory(directory.resolve("beginning"));
            for (Path segment : sorted(segments).subList(0, 4)) {
                Files.copy(segment, beginning.resolve(String.valueOf(segment.getFileName())));
            }
            Path script = Path.of(System.getProperty("kiroku.root"), "evidence/src/test/independent/check-golden.sh");
            Shell.bash("bash \"$1\" \"$2\"", script, beginning);

            Path last = sorted(beginning).getLast();
            Tampering.flip(last, Files.size(last) - 20, 3);
            assertThat(Shell.run("bash", script.toString(), beginning.toString())
                            .exit())
                    .as("after a flipped bit")
                    .isEqualTo(1);
        }
    }

    @Test
    void ringIsVerifiedAndReadWithoutAnyCollector() throws Exception {
        try (Site site = new Site(directory)) {
            captureSomething(site);
            site.shutDown();
            Outcome verified = site.program().run("verify", site.state().toString());
            assertThat(verified.exit()).as("%s", verified).isZero();
            Outcome list = site.program().run("ring", "--state", site.state().toString(), "list");
            assertThat(list.exit()).as("%s", list).isZero();
            assertThat(list.text()).isNotBlank();
        }
    }

    private static void captureSomething(Site site) throws Exception {
        site.startCollector();
        site.startAgent();
        PretendNode node = site.node(Rotation.NONE);
        PretendContainer container = node.startPod("shop", "web-1").start("web");
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), 2 * MEBI, 5 * MEBI)) {
            writer.await(60);
        }
        site.awaitCaptured(Duration.ofSeconds(30));
        site.shutDown();
    }

    private static List<Path> sorted(Path segments) throws IOException {
        try (Stream<Path> files = Files.list(segments)) {
            return files.sorted().toList();
        }
    }

    private static void assertNamed(Site site, Path copy, Stored victim) throws Exception {
        Outcome outcome = site.program().run("verify", copy.toString());
        assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
        assertThat(outcome.text())
                .contains("segment " + victim.segment().header().sequence());
    }

    private static boolean ranges(String text, long offset) {
        Matcher range = RANGE.matcher(text.replace(",", ""));
        while (range.find()) {
            if (Long.parseLong(range.group(1)) <= offset && offset <= Long.parseLong(range.group(2))) {
                return true;
            }
        }
        return false;
    }
}
