package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle by somebody who wants to exhaust whoever checks it: as much as is allowed takes little memory, more is refused. */
class HostileManifestTest {
    /** Files of the archive, a twentieth of what is allowed, so that the test is quick; each takes four bytes. */
    private static final int FILES = 50_000;

    /** What the whole process may have, in which the check of a small bundle needs 5 MiB. */
    private static final String HEAP = "-Xmx80m";

    @TempDir
    private Path directory;

    /** Checks a bundle in a process of its own: {@code BUNDLE}. */
    static final class Check {
        private Check() {}

        public static void main(String... arguments) throws Exception {
            System.out.println(Handover.check(Path.of(arguments[0])).report().integrity());
        }
    }

    private static Octets stream(int number) {
        return Octets.parse(String.format(Locale.ROOT, "%032x", number));
    }

    private static List<LogFile> logs(int count, int runs) {
        int padding = BundleManifest.MOST_NAMES / BundleManifest.MOST_LOGS / 2 - 18;
        List<LogFile> logs = new ArrayList<>();
        int file = 0;
        for (int i = 0; i < count; i++) {
            FilePath source = FilePath.of("/" + "x".repeat(padding) + "%06d".formatted(i));
            List<LogFile.Run> ofThis = new ArrayList<>();
            for (int end = (int) ((long) runs * (i + 1) / count); file < end; ) {
                ofThis.add(new LogFile.Run(++file, 0, 1));
            }
            logs.add(new LogFile(BundleNames.log(stream(i), source, false), stream(i), source, ofThis));
        }
        return logs;
    }

    private Path bundle(int streams, int logs, int runs, int files) throws Exception {
        List<BundleManifest.Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            stretches.add(new BundleManifest.Stretch(stream(i), "n".repeat(253), 1, 1));
        }
        SortedMap<String, byte[]> all = new TreeMap<>();
        List<BundleManifest.Listed> listed = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            String name = "proofs/" + "p".repeat(100) + "%07d".formatted(i);
            all.put(name, new byte[0]);
            listed.add(new BundleManifest.Listed(name, 0, Octets.zero(32)));
        }
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        new BundleManifest(
                        Handover.TOOL,
                        "case",
                        "purpose",
                        Map.of(),
                        Handover.NAME,
                        new TreeHead(1, Octets.zero(32)),
                        stretches,
                        logs(logs, runs),
                        listed)
                .writeTo(manifest);
        all.put(BundleManifest.NAME, manifest.toByteArray());
        return archive(all);
    }

    private Path archive(SortedMap<String, byte[]> files) throws Exception {
        SortedMap<String, Long> lengths = new TreeMap<>();
        files.forEach((name, bytes) -> lengths.put(name, (long) bytes.length));
        Path file = directory.resolve("hostile");
        Files.deleteIfExists(file);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            ZipWriter zip = new ZipWriter(channel, lengths);
            for (Map.Entry<String, byte[]> one : files.entrySet()) {
                if (one.getValue().length > 0) {
                    zip.write(one.getKey(), 0, ByteBuffer.wrap(one.getValue()));
                    zip.close(one.getKey());
                }
            }
            zip.finish();
        }
        return file;
    }

    @Test
    void asMuchAsIsAllowedIsCheckedInLittleMemory() throws Exception {
        Path file = bundle(BundleManifest.MOST_STREAMS, BundleManifest.MOST_LOGS, BundleManifest.MOST_RUNS, FILES);
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Check.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(output).content().contains("which is not there").doesNotContain("OutOfMemoryError");
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void moreIsRefused() throws Exception {
        assertRefused(bundle(BundleManifest.MOST_STREAMS + 1, 1, 1, 0), "expected at most 10000 streams, found more");
        assertRefused(bundle(1, BundleManifest.MOST_LOGS + 1, 1, 0), "expected at most 50000 log files, found more");
        assertRefused(bundle(1, 1, BundleManifest.MOST_RUNS + 1, 0), "expected at most 400000 runs in log files");
    }

    private static void assertRefused(Path file, String sentence) {
        assertThatThrownBy(() -> Handover.manifest(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }
}
