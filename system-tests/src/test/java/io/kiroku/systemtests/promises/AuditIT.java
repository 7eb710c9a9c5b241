package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What an API server audits comes by its file and by its webhook, through rotations and a collector that is killed. */
final class AuditIT {
    private static final int EVENTS = 600;
    private static final int BATCH = 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static String event(int number) {
        return ("{\"level\":\"Metadata\",\"auditID\":\"id-%d\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/x\","
            + "\"verb\":\"delete\",\"user\":{\"username\":\"user-%d\"},\"objectRef\":{\"resource\":\"pods\","
            + "\"namespace\":\"shop\",\"name\":\"web-%d\"},\"responseStatus\":{\"code\":200},"
            + "\"stageTimestamp\":\"%s\"}")
                .formatted(
                        number,
                        number % 3,
                        number,
                        Instant.parse("2026-03-01T10:00:00.000001Z").plusMillis(number));
    }

    /** An API server's audit log: rotated by renaming it, with the time in the name. */
    private static final class AuditLog {
        private final Path live;
        private int rotations;

        private AuditLog(Path directory) throws IOException {
            live = Files.createDirectories(directory).resolve("audit.log");
        }

        private void write(List<Integer> numbers) throws IOException {
            StringBuilder lines = new StringBuilder();
            for (int number : numbers) {
                lines.append("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",")
                        .append(event(number).substring(1))
                        .append('\n');
            }
            Files.writeString(live, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        private void rotate() throws IOException {
            Files.move(live, live.resolveSibling("audit-2026-03-01T10-00-%02d.000.log".formatted(++rotations)));
        }
    }

    /** An API server's webhook: it sends a batch until it is answered with 200. */
    private static final class Webhook {
        private final HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        private final URI url;
        private final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
        private int repeated;

        private Webhook(int port) {
            url = URI.create("http://127.0.0.1:%d/api/v1/audit?timeout=30s".formatted(port));
        }

        private void send(List<Integer> numbers) throws InterruptedException {
            String body = "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
                    + String.join(",", numbers.stream().map(AuditIT::event).toList()) + "]}\n";
            HttpRequest request = HttpRequest.newBuilder(url)
                    .timeout(Duration.ofSeconds(20))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(body))
                    .build();
            while (true) {
                try {
                    if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                        acknowledged.addAll(numbers);
                        return;
                    }
                } catch (IOException cut) {
                    // Whether it was stored, nobody knows.
                }
                repeated++;
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    @Test
    void everyEventIsThereOnceFromBothOfItsSources() throws Exception {
        try (Site site = new Site(directory.resolve("site"))) {
            Path logs = directory.resolve("var/log/kubernetes/audit");
            AuditLog log = new AuditLog(logs);
            site.startCollector();
            site.startAgent("--logs", logs + "/*.log");
            site.awaitFirstSegment();
            Webhook webhook = new Webhook(site.http());
            AtomicBoolean done = new AtomicBoolean();
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int first = 0; first < EVENTS; first += BATCH) {
                        List<Integer> numbers = new ArrayList<>();
                        for (int i = first; i < first + BATCH; i++) {
                            numbers.add(i);
                        }
                        log.write(numbers);
                        webhook.send(numbers);
                        if (first % 100 == 0) {
                            log.rotate();
                        }
                    }
                    done.set(true);
                } catch (IOException | InterruptedException failure) {
                    throw new IllegalStateException(failure);
                }
            });
            for (int kill = 1; kill <= 3; kill++) {
                int from = EVENTS / 4 * kill;
                Await.until(
                        Duration.ofSeconds(60),
                        "event %d to be acknowledged".formatted(from),
                        site::tails,
                        () -> webhook.acknowledged.size() >= from);
                site.collector().kill();
                site.startCollector();
            }
            sender.join(TimeUnit.SECONDS.toMillis(60));
            assertThat(done).as("all was acknowledged%n%s", site.tails()).isTrue();
            site.collector().kill();
            site.startCollector();

            String[] json = {"audit", "--data", site.data().toString(), "--json", "--limit", "5000"};
            Await.until(Duration.ofSeconds(60), "the file to be captured", site::tails, () -> {
                JsonNode events = read(site, json).path("events");
                return events.size() == EVENTS
                        && events.valueStream()
                                .allMatch(event -> event.path("seen").size() == 2);
            });
            JsonNode answer = read(site, json);
            Set<String> ids = new HashSet<>();
            TreeMap<String, Integer> seen = new TreeMap<>();
            for (JsonNode event : answer.path("events")) {
                assertThat(ids.add(event.path("event").path("auditID").asText()))
                        .as("%s comes once", event)
                        .isTrue();
                assertThat(event.path("disputed").asBoolean()).isFalse();
                event.path("seen")
                        .forEach(where -> seen.merge(
                                where.path("node").asText() + ":"
                                        + where.path("path").asText(),
                                1,
                                Integer::sum));
            }
            assertThat(seen)
                    .containsOnlyKeys("@collector:/kiroku/audit", "node-a:" + logs + "/audit.log")
                    .containsValues(EVENTS, EVENTS);
            assertThat(answer.path("notes")).isEmpty();

            Outcome table = site.program()
                    .run(
                            "audit",
                            "--collector",
                            "http://127.0.0.1:" + site.http(),
                            "--user",
                            "user-1",
                            "--verb",
                            "delete",
                            "--resource",
                            "pods",
                            "-n",
                            "shop");
            assertThat(table.exit()).as("%s", table).isZero();
            assertThat(table.text())
                    .contains("%d requests, %d events on record".formatted(EVENTS / 3, EVENTS / 3))
                    .contains("@collector:/kiroku/audit")
                    .doesNotContain("user-2");
            site.assertVerifiedWithoutGaps();
            System.out.printf("%d batches were sent again%n", webhook.repeated);
        }
    }

    private static JsonNode read(Site site, String... command) throws IOException, InterruptedException {
        Outcome outcome = site.program().run(command);
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        return new ObjectMapper().readTree(outcome.text());
    }
}
