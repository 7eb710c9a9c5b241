package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.verify.Finding;
import io.kiroku.evidence.verify.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nobody signs a bundle's manifest: whoever has a bundle can write another, with sums that fit. What the segments say is
 * signed, and the check here and the script in the bundle both hold the manifest to it.
 */
class ForgedManifestTest {
    @TempDir
    private Path directory;

    private Path bundle = Path.of("");
    private @Nullable BundleManifest read;

    @BeforeEach
    void make() throws Exception {
        bundle = Handover.twoPods().write(directory.resolve("bundle"));
        read = Handover.manifest(bundle);
        assertThat(Handover.check(bundle).report().holds()).isTrue();
        OtherTools.Outcome script = new OtherTools(directory).script(bundle);
        assertThat(script.status()).as(script.text()).isZero();
    }

    private BundleManifest manifest() {
        return Objects.requireNonNull(read);
    }

    private LogFile log(int pod) {
        return manifest().logs().get(pod - 1);
    }

    private static LogFile described(String name, LogFile of, FilePath source, List<LogFile.Run> runs) {
        return new LogFile(name, of.stream(), source, runs);
    }

    private static void swap(SortedMap<String, byte[]> files, String one, String other) {
        files.put(one, Objects.requireNonNull(files.put(other, Objects.requireNonNull(files.get(one)))));
    }

    private void assertRefused(SortedMap<String, byte[]> files, List<LogFile> logs, String here, String script)
            throws Exception {
        assertRefused(files, manifest().streams(), logs, here, script);
    }

    private void assertRefused(
            SortedMap<String, byte[]> files,
            List<BundleManifest.Stretch> streams,
            List<LogFile> logs,
            String here,
            String script)
            throws Exception {
        BundleManifest forged = new BundleManifest(
                manifest().tool(),
                manifest().caseId(),
                manifest().purpose(),
                manifest().selection(),
                manifest().origin(),
                manifest().tree(),
                streams,
                logs,
                manifest().files());
        Path file = Handover.repack(directory.resolve("forged"), files, forged);
        Verdict verdict = Handover.check(file).report().integrity();
        assertThat(verdict).isInstanceOf(Verdict.Fails.class);
        String findings = ((Verdict.Fails) verdict)
                .findings().stream().map(Finding::toString).collect(Collectors.joining("\n"));
        assertThat(findings).contains(here);
        OtherTools.Outcome outcome = new OtherTools(directory).script(file);
        assertThat(outcome.status()).as(outcome.text()).isEqualTo(1);
        assertThat(outcome.text()).contains(script);
    }

    @Test
    void theNamesOfTwoLogsAreNotSwapped() throws Exception {
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        swap(files, log(1).name(), log(2).name());
        assertRefused(
                files,
                List.of(
                        described(log(1).name(), log(2), log(2).source(), log(2).runs()),
                        described(log(2).name(), log(1), log(1).source(), log(1).runs())),
                "is to be called " + log(1).name(),
                "is to be called " + log(1).name());
    }

    @Test
    void theSourcesOfTwoLogsAreNotSwapped() throws Exception {
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        swap(files, log(1).name(), log(2).name());
        assertRefused(
                files,
                List.of(
                        described(log(1).name(), log(1), log(1).source(), log(2).runs()),
                        described(log(2).name(), log(2), log(2).source(), log(1).runs())),
                "are in no log file where the manifest has them",
                "are not in the log file as they are here");
    }

    @Test
    void anInventedSourceDoesNotTakeTheBytesOfATrueOne() throws Exception {
        FilePath invented = FilePath.of("/var/log/pods/shop_web-9_7f3c/web/0.log");
        String name = log(1).name().replace("web-1", "web-9");
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(name, Objects.requireNonNull(files.put(log(1).name(), new byte[0])));
        assertRefused(
                files,
                List.of(
                        described(log(1).name(), log(1), log(1).source(), List.of()),
                        log(2),
                        described(name, log(1), invented, log(1).runs())),
                "web-9_7f3c/web/0.log, and no segment of stream",
                "which no segment names");
    }

    @Test
    void anInventedSourceIsNotEvenEmpty() throws Exception {
        FilePath invented = FilePath.of("/var/log/pods/shop_web-9_7f3c/web/0.log");
        String name = log(1).name().replace("web-1", "web-9");
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(name, new byte[0]);
        assertRefused(
                files,
                List.of(log(1), log(2), described(name, log(1), invented, List.of())),
                "and no segment of stream",
                "which no segment names");
    }

    @Test
    void aFileIsInOneLogOnly() throws Exception {
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        byte[] both = "paid\nall\nowed\nall\n".getBytes(StandardCharsets.UTF_8);
        files.put(log(2).name(), both);
        List<LogFile.Run> runs = List.of(log(1).runs().getFirst(), log(2).runs().getFirst());
        assertRefused(
                files,
                List.of(log(1), described(log(2).name(), log(2), log(2).source(), runs)),
                "it counts file 1 to",
                "it counts file 1 to");
    }

    @Test
    void aLogThatTheManifestDoesNotDescribeIsNamed() throws Exception {
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put("logs/files/confession", new byte[] {'x'});
        assertRefused(
                files,
                List.of(log(1), log(2)),
                "the manifest does not say what it consists of",
                "logs/files/confession: the manifest does not say what it consists of");
    }

    @Test
    void aBundleWithoutSegmentsProvesNothing() throws Exception {
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.keySet()
                .removeIf(name -> name.startsWith(BundleNames.SEGMENTS)
                        || name.startsWith(BundleNames.PROOFS)
                        || name.startsWith(BundleNames.LOGS));
        assertRefused(files, List.of(), List.of(), "it has no segment", "it has no segment");
    }
}
