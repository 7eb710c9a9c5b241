package io.kiroku.collector.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.Collector;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.access.CustodyRecord.Stage;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.verify.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CustodyLogTest {
    /** Bytes of a record's frame before its segment, as docs/FORMAT.md has it. */
    private static final int FRAME = 32;

    @TempDir
    private Path directory;

    private Collector start(String data) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Collector.start(new CollectorConfig(directory.resolve(data), any, any));
    }

    private static void ask(Collector collector, String path, String caseId) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(collector.httpPort(), path)))
                            .header("kiroku-case", caseId)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        }
    }

    private CustodyReport read(String data, CustodyRequest request) throws IOException {
        return CustodyReader.read(directory.resolve(data), request);
    }

    private CustodyReport read(String data) throws IOException {
        return read(data, CustodyRequest.ALL);
    }

    private Report verify(String data) throws IOException {
        Path path = directory.resolve(data);
        return StoreVerification.verify(path, RevocationCheck.none(), LogAgreement.of(path), (_, _) -> {});
    }

    private static List<String> actions(CustodyReport report) {
        return report.calls().stream().map(call -> call.last().action()).toList();
    }

    private void makeSome(String data) throws Exception {
        try (Collector collector = start(data)) {
            ask(collector, "/api/v1/sources", "c-1");
            ask(collector, "/api/v1/verify", "c-2");
            ask(collector, "/api/v1/gaps", "");
        }
    }

    @Test
    void callsAreOnRecordFromTheFirstMomentToTheLast() throws Exception {
        makeSome("data");
        CustodyReport report = read("data");
        assertThat(actions(report)).containsExactly("start", "sources", "verify", "gaps", "stop");
        assertThat(report.verdict().holds()).isTrue();
        assertThat(report.calls().get(1)).satisfies(call -> {
            assertThat(call.ended()).isPresent();
            assertThat(call.last().outcome()).isEqualTo(Outcome.ANSWERED);
            assertThat(call.last().caller()).isEqualTo("anybody on this machine");
            assertThat(call.last().from()).isEqualTo("127.0.0.1");
            assertThat(call.last().bytes()).isPositive();
        });
        CustodyRequest ofCase = CustodyRequest.read(Map.of("case", "c-2"), Instant.now());
        assertThat(actions(read("data", ofCase))).containsExactly("verify");
        makeSome("data");
        assertThat(actions(read("data")))
                .containsExactly(
                        "start", "sources", "verify", "gaps", "stop", "start", "sources", "verify", "gaps", "stop");
        assertThat(verify("data").holds()).isTrue();
        assertThat(verify("data").counts().epochs()).isEqualTo(1);
        CustodyReport again =
                CustodyJson.read(CustodyJson.write(report).toString().getBytes(StandardCharsets.UTF_8));
        assertThat(again.calls()).isEqualTo(report.calls());
        assertThat(again.verdict().holds()).isTrue();
    }

    @Test
    void aCollectorThatCannotWriteItDownDoesNotStart() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("data/own"), "in the way");
        assertThatThrownBy(() -> start("data")).isInstanceOf(IOException.class);
        Files.delete(directory.resolve("data/own"));
        start("data").close();
    }

    private CustodyRecord offline(String call, Stage stage) {
        return new CustodyRecord(
                Instant.now(),
                call,
                stage,
                "root",
                PendingRecords.VOUCHER,
                "",
                "keys revoke",
                "",
                "",
                "",
                stage == Stage.BEGUN ? Outcome.OPEN : Outcome.ANSWERED,
                0,
                0,
                List.of(),
                0);
    }

    @Test
    void whatCommandsLeaveIsTakenAtTheNextStartAndWhileOneRuns() throws Exception {
        PendingRecords pending = new PendingRecords(directory.resolve("data"));
        pending.leave(offline("aaaa", Stage.BEGUN));
        pending.leave(offline("aaaa", Stage.ENDED));
        Path place = directory.resolve("data/own/custody/pending");
        Files.writeString(place.resolve("0-nonsense.json"), "{}");
        Files.writeString(
                place.resolve("1-posing.json"),
                offline("cccc", Stage.BEGUN).json().replace("\"offline\"", "\"loopback\""));
        try (Collector _ = start("data")) {
            assertThat(actions(read("data"))).containsExactly("start", "keys revoke");
            pending.leave(offline("bbbb", Stage.BEGUN));
            // As if a crash had come between taking and deleting.
            pending.leave(offline("aaaa", Stage.ENDED));
            long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (left(place) > 0) {
                assertThat(System.nanoTime()).isLessThan(patience);
                Thread.sleep(20);
            }
        }
        CustodyReport report = read("data");
        assertThat(actions(report)).containsExactly("start", "keys revoke", "keys revoke", "stop");
        assertThat(report.calls().get(1).ended()).isPresent();
        assertThat(report.calls().get(2).ended()).isEmpty();
        try (Stream<Path> files = Files.list(place)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrder("0-nonsense.json.unreadable", "1-posing.json.unreadable");
        }
    }

    private static long left(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private List<CatalogueEntry> records() throws IOException {
        List<CatalogueEntry> entries = new ArrayList<>();
        try (StoreReader store = StoreReader.open(directory.resolve("data"))) {
            store.scan(Position.START, entries::add);
        }
        return entries;
    }

    private Path volume() {
        return directory.resolve("data/volumes/00000001.vol");
    }

    private static byte[] of(byte[] volume, CatalogueEntry entry) {
        int from = (int) entry.place().offset();
        return Arrays.copyOfRange(volume, from - FRAME, from + entry.place().length());
    }

    /** Writes the volume anew, with these of its records behind its head, and lets nothing be known of what it was. */
    private void rewrite(byte[] before, int head, List<CatalogueEntry> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(before, 0, head);
        for (CatalogueEntry entry : entries) {
            out.write(of(before, entry));
        }
        Files.write(volume(), out.toByteArray());
        Files.deleteIfExists(directory.resolve("data/catalogue/00000001.cat"));
    }

    @Test
    void whatIsChangedRemovedOrSwappedIsFound() throws Exception {
        makeSome("data");
        byte[] before = Files.readAllBytes(volume());
        List<CatalogueEntry> entries = records();
        int head = (int) entries.getFirst().place().offset() - FRAME;
        Random random = new Random(7);
        for (CatalogueEntry entry : entries) {
            byte[] changed = before.clone();
            changed[(int) entry.place().offset() + random.nextInt(entry.place().length())] ^= 1;
            Files.write(volume(), changed);
            assertThat(verify("data").integrity().holds()).as("changed").isFalse();
            assertThat(read("data").verdict().holds()).as("changed").isFalse();
        }
        for (int i = 0; i < entries.size(); i++) {
            List<CatalogueEntry> others = new ArrayList<>(entries);
            others.remove(i);
            rewrite(before, head, others);
            assertThat(verify("data").holds()).as("without %d", i).isFalse();
            assertThat(read("data").verdict().holds()).as("without %d", i).isFalse();
        }
        for (int i = 1; i < entries.size(); i++) {
            List<CatalogueEntry> swapped = new ArrayList<>(entries);
            swapped.set(i, entries.get(i - 1));
            swapped.set(i - 1, entries.get(i));
            rewrite(before, head, swapped);
            assertThat(verify("data").holds()).as("swapped %d", i).isFalse();
            assertThat(read("data").verdict().holds()).as("swapped %d", i).isFalse();
        }
        rewrite(before, head, entries);
        assertThat(verify("data").holds()).as("as it was").isTrue();
    }

    /** Whoever has the disk can make another past, with keys of his own; but not one that the log has committed to. */
    @Test
    void aForgedHistoryWithNewKeysIsFoundByTheLog() throws Exception {
        makeSome("data");
        long count = records().size();
        try (Collector collector = start("forged")) {
            ask(collector, "/api/v1/gaps", "");
            while (verify("forged").counts().segments() < count) {
                ask(collector, "/api/v1/gaps", "");
            }
        }
        for (String part : List.of("volumes", "catalogue", "own")) {
            replace(
                    directory.resolve("forged").resolve(part),
                    directory.resolve("data").resolve(part));
        }
        assertThat(actions(read("data"))).doesNotContain("verify");
        Path data = directory.resolve("data");
        assertThat(StoreVerification.verify(
                                data, RevocationCheck.none(), StoreVerification.Commitment.NONE, (_, _) -> {})
                        .holds())
                .as("in itself it is without fault")
                .isTrue();
        assertThat(verify("data").integrity().holds()).isFalse();
        assertThat(read("data").verdict().integrity().holds()).isFalse();
    }

    private static void replace(Path from, Path to) throws IOException {
        try (Stream<Path> old = Files.walk(to)) {
            for (Path file : old.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> fresh = Files.walk(from)) {
            for (Path file : fresh.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    @Test
    void noLineMakesTheReaderOfRecordsFailOtherwiseThanWithASentence() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String line = offline("aaaa", Stage.ENDED).json();
        assertThat(CustodyRecord.read(line).json()).isEqualTo(line);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder changed = new StringBuilder(line);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(changed.length());
                switch (random.nextInt(3)) {
                    case 0 -> changed.deleteCharAt(at);
                    case 1 -> changed.setCharAt(at, (char) random.nextInt(0x250));
                    default -> changed.insert(at, "{[\"]},:0-e".charAt(random.nextInt(10)));
                }
            }
            try {
                CustodyRecord.read(changed.toString());
            } catch (IOException sentence) {
                assertThat(sentence).as("seed %d", seed).hasMessageStartingWith("expected a record");
            }
        }
    }
}
