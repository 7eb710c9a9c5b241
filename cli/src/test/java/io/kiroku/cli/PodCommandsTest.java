package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.pods.ClusterEvent;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.Instance;
import io.kiroku.collector.pods.Observation;
import io.kiroku.collector.pods.ObservationJson;
import io.kiroku.collector.pods.Owner;
import io.kiroku.collector.pods.Pod;
import io.kiroku.collector.pods.Preservation;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kiroku pods}, {@code crash} and {@code logs} over what a cluster told of two pods and a node sent of three. */
class PodCommandsTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant NOW = START.plusSeconds(600);
    private static final String LOGS = "/var/log/pods/shop_";

    private final Console console = new Console().at(NOW);

    @TempDir
    Path data;

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L;
    }

    private static String line(int second, String text) {
        return "%s stdout F %s\n".formatted(START.plusSeconds(second), text);
    }

    private static Instance ended(int restart, int from, int to, int exitCode, String reason) {
        return new Instance(
                "app",
                Instance.Kind.MAIN,
                restart,
                "web:1",
                "registry.example/web@sha256:0123456789abcdef",
                Instance.State.TERMINATED,
                Optional.of(START.plusSeconds(from)),
                Optional.of(START.plusSeconds(to)),
                OptionalInt.of(exitCode),
                reason,
                "");
    }

    private static Pod pod(String name, String uid, Optional<Instant> gone, Instance... instances) {
        return new Pod(
                "shop",
                name,
                uid,
                uid,
                "node-1",
                List.of(new Owner("ReplicaSet", "web-7d4f"), new Owner("Deployment", "web")),
                new TreeMap<>(Map.of("app", "web")),
                START,
                gone,
                gone,
                Optional.empty(),
                "Running",
                "",
                "",
                List.of(instances));
    }

    private static String told(Observation... observations) {
        StringBuilder lines = new StringBuilder();
        for (Observation observation : observations) {
            ObservationJson.lines(observation)
                    .forEach(line -> lines.append(new String(line, StandardCharsets.UTF_8))
                            .append('\n'));
        }
        return lines.toString();
    }

    @BeforeEach
    void store() throws Exception {
        Map<String, String> node = new LinkedHashMap<>();
        node.put(LOGS + "web-a_u1/app/0.log", line(1, "up") + line(5, "panic: \u001b[31mzero"));
        node.put(LOGS + "web-a_u1/app/1.log", line(10, "panic: one"));
        node.put(LOGS + "web-a_u1/app/2.log", line(20, "up again") + line(25, "panic: two"));
        node.put(LOGS + "web-b_u2/app/0.log", line(2, "of b"));
        node.put(LOGS + "untold_u3/app/0.log", line(3, "of a pod that nobody told of"));
        String cluster = told(
                new Observation.PodSeen(
                        START,
                        pod(
                                "web-a",
                                "u1",
                                Optional.of(START.plusSeconds(60)),
                                ended(0, 1, 5, 2, "Error"),
                                ended(2, 20, 25, 137, "OOMKilled"))),
                new Observation.PodSeen(START, pod("web-b", "u2", Optional.empty())),
                new Observation.PodSeen(START, pod("web-c", "u4", Optional.empty())),
                new Observation.EventSeen(
                        START,
                        new ClusterEvent(
                                "e1",
                                START.plusSeconds(6),
                                START.plusSeconds(30),
                                4,
                                "Warning",
                                "BackOff",
                                "Back-off restarting failed container\u202e",
                                "kubelet",
                                "Pod",
                                "shop",
                                "web-a",
                                "u1")),
                new Observation.Preserved(
                        START,
                        new Preservation(
                                "u1", "app", 2, Preservation.Cause.OOM_KILLED, START, START.plusSeconds(2592000))));
        try (Store store = Store.open(StoreFiles.of(data), InstantSource.system(), System::nanoTime)) {
            store.append(segment("node-1", node));
            store.append(segment(OwnNode.NAME, Map.of(ClusterSource.PREFIX + "test", cluster)));
            store.sync();
        }
    }

    /** A stream of one segment, with files that have ended. */
    private static Segment segment(String node, Map<String, String> files) throws Exception {
        SecureRandom random = new SecureRandom();
        Identity identity = Identity.of(SigningKey.generate(random));
        SigningKey key = SigningKey.generate(random);
        SegmentWriter writer = new SegmentWriter(random);
        Octets stream = identity.stream();
        ChainHead begin = new ChainHead(stream, 0, 0, Octets.zero(32), Octets.zero(32));
        writer.preface(
                EpochSeal.vouch(Entry.EpochReason.FIRST, 1, identity, node, 1, 1, Octets.zero(32), key.publicKey()));
        int id = 0;
        for (Map.Entry<String, String> file : files.entrySet()) {
            id++;
            FilePath path = FilePath.of(file.getKey());
            byte[] bytes = file.getValue().getBytes(StandardCharsets.UTF_8);
            writer.state(new Entry.File(id, path, path, new FileIdentity(1, id, 3), 0, Fingerprint.NONE));
            writer.raw().put(bytes);
            writer.captured(id, 0, bytes.length);
            writer.state(new Entry.Event(Entry.EventKind.ENDED, id, nanos(NOW), ""));
        }
        return Segment.of(
                new Ratchet(begin, key, Octets.zero(16), random).seal(writer, 1, new Timestamp(nanos(NOW), 0), true));
    }

    private Console.Result run(String command, String... more) {
        return console.run(Stream.concat(Stream.of(command, "--data", data.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    @Test
    void podsAreATableAsOfKubectl() {
        Console.Result result = run("pods", "-n", "shop");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("""
            NAME    STATUS   RESTARTS  LAST             AGE  DIED    NODE    LOGS   PRESERVED
            untold  Unknown         0  -                0s   0s ago  node-1  whole  -
            web-a   Deleted         2  OOMKilled (137)  10m  9m ago  node-1  whole  2026-03-31
            web-b   Running         0  -                10m  -       node-1  whole  -
            web-c   Running         0  -                10m  -       node-1  none   -
            """);
    }

    @Test
    void podsAreChosenAndListedInOtherForms() throws Exception {
        assertThat(run("pods", "-A", "--dead", "-o", "name").out()).isEqualTo("pod/untold\npod/web-a\n");
        assertThat(run("pods", "-A", "--reason", "OOMKilled", "-o", "wide").out())
                .contains("NAMESPACE", "UID", "Deployment/web", "app=web", "2026-03-01T10:01:00Z", "shop")
                .doesNotContain("web-b");
        assertThat(run("pods", "-n", "shop", "-l", "app in (web),!x", "deploy/web", "-o", "name")
                        .lines())
                .hasSize(3);
        JsonNode json = new ObjectMapper()
                .readTree(run("pods", "-A", "web-a", "-o", "json").bytes());
        assertThat(json.path("pods").path(0).path("status").asText()).isEqualTo("Deleted");
        assertThat(json.path("pods").path(0).path("told").path("instances")).hasSize(2);
        Console.Result none = run("pods", "--dead");
        assertThat(none.status()).isZero();
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).isEqualTo("No dead pods found in namespace default; -A looks in all.\n");
    }

    @Test
    void aCrashIsOneLook() {
        Console.Result result = run("crash", "-n", "shop", "web-a");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out()).isEqualTo("""
            Pod        shop/web-a
            Status     Deleted
            Owner      Deployment/web
            Node       node-1
            Labels     app=web
            Uid        u1
            Logs       whole
            Preserved  until 2026-03-31 (app/2 oom killed)

            2026-03-01T10:00:01.000Z  began    app/0  web:1 (sha256:0123456789ab)
            2026-03-01T10:00:05.000Z  ended    app/0  exit 2, Error, after 4s
                | 10:00:01.000  up
                | 10:00:05.000  panic: ?[31mzero
            2026-03-01T10:00:06.000Z  event    BackOff (4 times, until 10:00:30.000): Back-off restarting failed container?
            2026-03-01T10:00:10.000Z  began    app/1: the cluster never told of this life, its log does
            2026-03-01T10:00:10.000Z  ended    app/1: its log ends 0 ms after its first line, nobody told how it ended
                | 10:00:10.000  panic: one
            2026-03-01T10:00:20.000Z  began    app/2  web:1 (sha256:0123456789ab)
            2026-03-01T10:00:25.000Z  ended    app/2  exit 137 (SIGKILL), OOMKilled, after 5s
                | 10:00:20.000  up again
                | 10:00:25.000  panic: two
            2026-03-01T10:01:00.000Z  pod      deleted: by then it was to be gone
            2026-03-01T10:01:00.000Z  pod      gone: its deletion was seen at 2026-03-01T10:01:00Z
            """);
    }

    @Test
    void aCrashIsFoundByItsOwnerAndIsJson() throws Exception {
        assertThat(run("crash", "-n", "shop", "deploy/web", "--lines", "1").out())
                .startsWith("Pod        shop/web-a\n")
                .contains("panic: two")
                .doesNotContain("up again");
        JsonNode json = new ObjectMapper()
                .readTree(run("crash", "-n", "shop", "web-a", "--json").bytes());
        assertThat(json.path("crashes").path(0).path("lives")).hasSize(3);
        Console.Result unknown = run("crash", "web-a");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err())
                .isEqualTo("kiroku: pod \"web-a\" is not known in namespace \"default\"; near it are (namespace/pod):"
                        + " shop/web-a\n");
        assertThat(run("crash", "-n", "shop", "web-c").out()).contains("No container of it is known to have run");
    }

    @Test
    void logsAreHadByOwnerAndByLabel() {
        Console.Result all = run("logs", "-n", "shop", "deploy/web", "--previous=all", "--prefix");
        assertThat(all.status()).as("%s", all).isZero();
        assertThat(all.out()).isEqualTo("""
            [pod/web-a/app/0] up
            [pod/web-a/app/0] panic: \u001b[31mzero
            [pod/web-a/app/1] panic: one
            [pod/web-a/app/2] up again
            [pod/web-a/app/2] panic: two
            [pod/web-b/app/0] of b
            """);
        assertThat(all.err()).contains("\"web-c\" in namespace \"shop\" is known (Running), and nothing of its logs");
        Console.Result labelled = run("logs", "-n", "shop", "-l", "app=web");
        assertThat(labelled.out()).isEqualTo("up again\npanic: two\nof b\n");
        assertThat(labelled.err()).contains("the last 10 lines of each, as kubectl does with -l");
        assertThat(run("logs", "-n", "shop", "deploy/web", "--tail", "1").out()).isEqualTo("panic: two\nof b\n");
        assertThat(run("logs", "-n", "shop", "-p", "web-a").out()).isEqualTo("panic: one\n");
        Console.Result none = run("logs", "-n", "shop", "web-c");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("no container of it was ever seen to run on node node-1");
    }

    @Test
    void aCollectorAnswersTheSame() throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Collector collector = Collector.start(new CollectorConfig(data, anyPort, anyPort))) {
            String url = "http://127.0.0.1:" + collector.httpPort();
            for (String command : List.of(
                    "crash -n shop web-a", "logs -n shop deploy/web --previous=all", "pods -n shop web -o json")) {
                String[] words = command.split(" ", -1);
                String[] remote = Stream.concat(Stream.of(words), Stream.of("--collector", url))
                        .toArray(String[]::new);
                Console.Result local = console.run(Stream.concat(Stream.of(words), Stream.of("--data", data.toString()))
                        .toArray(String[]::new));
                assertThat(local.status()).as("%s", local).isZero();
                assertThat(console.run(remote)).hasToString(local.toString());
            }
        }
    }

    @Test
    void exitCodesHaveAMeaning() {
        assertThat(Stream.of(0, 1, 126, 127, 129, 137, 139, 143, 255).map(ExitCodes::inWords))
                .containsExactly(
                        "exit 0",
                        "exit 1",
                        "exit 126 (could not be executed)",
                        "exit 127 (command not found)",
                        "exit 129 (SIGHUP)",
                        "exit 137 (SIGKILL)",
                        "exit 139 (SIGSEGV)",
                        "exit 143 (SIGTERM)",
                        "exit 255");
    }
}
