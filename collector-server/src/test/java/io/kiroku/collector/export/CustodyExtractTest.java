package io.kiroku.collector.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.Collector;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.query.Scribe;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleLines;
import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.BundleVerdict;
import io.kiroku.evidence.bundle.Pieces;
import io.kiroku.evidence.bundle.Trust;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who looked at what a bundle holds goes with it, and who looked at other evidence does not. */
class CustodyExtractTest {
    private static final String CUSTODY = "logs/files/kiroku/custody";

    @TempDir
    private Path directory;

    private Path data;

    /** Two pods on one node, which are looked at in turn. */
    @BeforeEach
    void lookAtThem() throws Exception {
        data = Files.createDirectories(directory.resolve("data"));
        try (Store store = Scribe.open(data)) {
            new Scribe(store, "node-1")
                    .file(1, "/var/log/pods/shop_web_u1/app/0.log")
                    .log(1, "2026-03-01T10:00:00.000000000Z stdout F of the shop\n")
                    .file(2, "/var/log/pods/pay_bank_u2/app/0.log")
                    .log(2, "2026-03-01T10:00:00.000000000Z stdout F of the bank\n")
                    .seal();
        }
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Collector collector = Collector.start(new CollectorConfig(data, any, any))) {
            ask(collector, "sources", 200);
            ask(collector, "logs?namespace=shop&pod=web", 200);
            ask(collector, "logs?namespace=pay&pod=bank", 200);
            ask(collector, "verify", 200);
            ask(collector, "logs?path=*.log", 200);
            ask(collector, "logs?namespace=pay&pod=bank", 200);
            ask(collector, "gaps?namespace=shop", 200);
            // It names no source; its end says what it touched.
            ask(collector, "crash?allNamespaces=true&target=web", 200);
        }
    }

    private static void ask(Collector collector, String what, int status) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI url = URI.create("http://127.0.0.1:%d/api/v1/%s".formatted(collector.httpPort(), what));
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        }
    }

    private Path bundle(String name) {
        return directory.resolve(name + ".zip");
    }

    private static BundleSelection ofPod(Optional<String> pod) {
        return new BundleSelection(
                Optional.empty(),
                pod,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private BundleExport.Made make(String name, Optional<String> pod) throws Exception {
        BundleRequest request = new BundleRequest(
                "kiroku test", "c-1", "why", ofPod(pod), Optional.empty(), List.of(), List.of(), List.of());
        try (FileChannel file = FileChannel.open(
                bundle(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return BundleExport.write(data, request, file, Instant.now(), (_, _) -> {});
        }
    }

    private BundleVerdict check(String name) throws IOException {
        try (FileChannel file = FileChannel.open(bundle(name))) {
            return BundleCheck.check(file, Trust.NONE, "kiroku test", (_, _) -> {});
        }
    }

    private BundleManifest manifest(String name) throws Exception {
        return check(name).manifest().orElseThrow();
    }

    /** The action and selection of each record, at whose beginning or end. */
    private List<String> calls(String name) throws Exception {
        List<String> calls = new ArrayList<>();
        try (FileChannel file = FileChannel.open(bundle(name))) {
            BundleLines.read(file, CUSTODY, line -> {
                try {
                    CustodyRecord record = CustodyRecord.read(line);
                    calls.add("%s?%s %s".formatted(record.action(), record.selection(), record.stage()));
                } catch (IOException noRecord) {
                    throw new UncheckedIOException(noRecord);
                }
            });
        }
        return calls;
    }

    @Test
    void callsThatTouchTheSelectionAreInItAndOthersAreNot() throws Exception {
        for (String pod : List.of("web", "bank")) {
            BundleExport.Made made = make(pod, Optional.of(pod));
            assertThat(made.report().holds()).isTrue();
            assertThat(made.unreadable()).isZero();
            BundleVerdict verdict = check(pod);
            assertThat(verdict.report().holds()).as("%s", verdict.report()).isTrue();
            assertThat(verdict.statements()).anyMatch(said -> said.contains("what is between them was not selected"));
            assertThat(manifest(pod).streams().stream()
                            .filter(one -> one.node().equals(OwnNode.NAME))
                            .count())
                    .as("pieces")
                    .isGreaterThan(1);
        }
        assertThat(calls("web"))
                .containsExactly(
                        "logs?namespace=shop&pod=web BEGUN",
                        "logs?namespace=shop&pod=web ENDED",
                        "logs?path=*.log BEGUN",
                        "logs?path=*.log ENDED",
                        "gaps?namespace=shop BEGUN",
                        "gaps?namespace=shop ENDED",
                        "crash?allNamespaces=true&target=web BEGUN",
                        "crash?allNamespaces=true&target=web ENDED");
        assertThat(calls("bank"))
                .containsExactly(
                        "logs?namespace=pay&pod=bank BEGUN",
                        "logs?namespace=pay&pod=bank ENDED",
                        "logs?path=*.log BEGUN",
                        "logs?path=*.log ENDED",
                        "logs?namespace=pay&pod=bank BEGUN",
                        "logs?namespace=pay&pod=bank ENDED");
    }

    @Test
    void withoutASelectionAllOfItIsInItAsOneStretch() throws Exception {
        assertThat(make("all", Optional.empty()).report().holds()).isTrue();
        assertThat(check("all").report().holds()).isTrue();
        assertThat(manifest("all").streams()).hasSize(2);
        assertThat(calls("all")).hasSize(18);
    }

    /** The script is the bundle's own, and needs openssl. */
    @Test
    void theScriptOfTheBundleHoldsItAsWell() throws Exception {
        make("web", Optional.of("web"));
        Path script = directory.resolve("verify.py");
        List<String> lines = new ArrayList<>();
        try (FileChannel file = FileChannel.open(bundle("web"))) {
            BundleLines.read(file, "verify.py", lines::add);
        }
        Files.write(script, lines);
        Process process = new ProcessBuilder(
                        "python3", script.toString(), bundle("web").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(directory.resolve("said"));
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said)
                .contains("segments were not selected, the manifest says")
                .doesNotContain("missing");
    }

    @Test
    void aRecordThatIsChangedIsFound() throws Exception {
        make("web", Optional.of("web"));
        byte[] before = Files.readAllBytes(bundle("web"));
        String text = new String(before, StandardCharsets.ISO_8859_1);
        for (String place : List.of("anybody on this machine", "\"first\": ")) {
            byte[] changed = before.clone();
            changed[text.lastIndexOf(place) + place.length() - (place.endsWith("e") ? 1 : 0)] ^= 1;
            Files.write(bundle("web"), changed);
            assertThat(check("web").report().integrity().holds()).as(place).isFalse();
        }
    }

    private List<CatalogueEntry> custody() throws IOException {
        List<CatalogueEntry> entries = new ArrayList<>();
        try (StoreReader store = StoreReader.open(data)) {
            store.scan(Position.START, entry -> {
                if (Pieces.isCustody(entry.entries())) {
                    entries.add(entry);
                }
            });
        }
        return entries;
    }

    @Test
    void damageInTheCustodyLogPreventsNoBundleAndIsTold() throws Exception {
        Path volume = data.resolve("volumes/00000001.vol");
        byte[] before = Files.readAllBytes(volume);
        for (CatalogueEntry entry : custody()) {
            byte[] damaged = before.clone();
            damaged[(int) entry.place().offset() + entry.place().length() - 1] ^= 1;
            Files.write(volume, damaged);
            String name = "damaged-" + entry.header().sequence();
            BundleExport.Made made = make(name, Optional.of("web"));
            assertThat(made.unreadable()).isEqualTo(1);
            assertThat(check(name).report().holds()).as(name).isTrue();
        }
    }

    @Test
    void aCallConcernsWhatItTouchedAndWhatItNamed() {
        CustodyMatch match = new CustodyMatch(List.of(
                new CustodyMatch.Of("node-1", Octets.zero(16), FilePath.of("/var/log/pods/shop_web_u1/app/0.log"))));
        assertThat(match.concerns(record("pods", "", Octets.zero(16) + ":/var/log/pods/shop_web_u1/app/0.log")))
                .isTrue();
        assertThat(match.concerns(record("pods", "", Octets.zero(16) + ":/var/log/syslog")))
                .isFalse();
        assertThat(match.concerns(record("logs", "namespace=default&path=%2Fvar%2Flog%2Fpods%2F**")))
                .isTrue();
        assertThat(match.concerns(record("logs", "allNamespaces=true&node=node-2&pod=web")))
                .isFalse();
        assertThat(match.concerns(record("bundle", "output=b.zip"))).isTrue();
        assertThat(match.concerns(record("bundle", "output=b.zip&pod=bank"))).isFalse();
        assertThat(match.concerns(record("sources", ""))).isFalse();
        assertThat(match.concerns(record("audit", "namespace=shop"))).isFalse();
        assertThat(match.concerns(record("enroll", "node=node-1"))).isFalse();
        assertThat(match.concerns(record("logs", "pod=%"))).as("cut off").isTrue();
    }

    private static CustodyRecord record(String action, String selection, String... touched) {
        return new CustodyRecord(
                Instant.EPOCH,
                "aa",
                CustodyRecord.Stage.ENDED,
                "somebody",
                "token",
                "",
                action,
                selection,
                "",
                "",
                CustodyRecord.Outcome.ANSWERED,
                200,
                0,
                List.of(touched),
                0);
    }
}
