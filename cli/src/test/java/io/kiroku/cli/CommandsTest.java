package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** All commands over one capture by {@code up --once}, with its own agent and collector in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsTest {
    private static final String POD = "pods/default_web-1_8f0c/";
    private static final String CRI = "2026-03-01T10:00:0%d.5Z %s %s %s\n";

    private final Console console = new Console();
    private Path place = Path.of("");
    private Path data = place;
    private Path state = place;
    private String app = "";

    @BeforeAll
    void capture(@TempDir Path directory) throws IOException {
        place = directory;
        data = place.resolve("data");
        state = data.resolve("agent");
        app = CRI.formatted(1, "stdout", "F", "hello")
                + CRI.formatted(2, "stdout", "P", "one ")
                + CRI.formatted(3, "stderr", "F", "oops")
                + CRI.formatted(4, "stdout", "F", "line");
        write(POD + "app/0.log", "2026-03-01T09:00:00Z stdout F before the crash\n");
        write(POD + "app/1.log", app);
        write(POD + "proxy/0.log", CRI.formatted(5, "stdout", "F", "proxied"));
        write("plain/syslog", "first\nsecond\n");
        Console.Result up = console.run(
                "up",
                "--data",
                data.toString(),
                "--pod-logs",
                place.resolve("pods").toString(),
                "--logs",
                place + "/plain/*",
                "--once",
                "--any-port",
                "--node",
                "node-1",
                "--ring-size",
                "16MiB",
                "--keys",
                place.resolve("keys").toString());
        assertThat(up.status()).as("%s", up).isZero();
        assertThat(up.err()).isEmpty();
        assertThat(up.out())
                .startsWith("Kiroku captures the pods' logs in " + place.resolve("pods"))
                .contains("Captured 249 B of 4 sources", "0 gaps.\nEverything sealed has its receipt.\n");
    }

    private void write(String name, String content) throws IOException {
        Path file = place.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Console.Result run(String... arguments) {
        return console.run(arguments);
    }

    @Test
    void sourcesAreATable() {
        Console.Result result = run("sources", "--data", data.toString());
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        // Times and the temporary directory differ from run to run; their widths do not.
        String table = result.out()
                .replace(place.toString(), "<place>")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "<time, always 20 ch>")
                .replaceAll("(@collector.*) \\d{3} B ", "$1 NNN B ");
        assertThat(table).isEqualTo("""
            NODE        POD            CONTAINER  BYTES  FILES  GAPS  LAST                  STATE      PATH
            @collector  -              -          NNN B      1  0     <time, always 20 ch>  following  /kiroku/custody
            node-1      -              -           13 B      1  0     <time, always 20 ch>  following  <place>/plain/syslog
            node-1      default/web-1  app/0       47 B      1  0     <time, always 20 ch>  following  <place>/pods/default_web-1_8f0c/app/0.log
            node-1      default/web-1  app/1      149 B      1  0     <time, always 20 ch>  following  <place>/pods/default_web-1_8f0c/app/1.log
            node-1      default/web-1  proxy/0     40 B      1  0     <time, always 20 ch>  following  <place>/pods/default_web-1_8f0c/proxy/0.log
            """);
    }

    @Test
    void sourcesAreJson() throws IOException {
        Console.Result result = run("sources", "--data", data.toString(), "--json");
        JsonNode sources = new ObjectMapper().readTree(result.bytes()).path("sources");
        assertThat(sources).hasSize(5);
        JsonNode app1 = sources.path(3);
        assertThat(app1.path("node").asText()).isEqualTo("node-1");
        assertThat(app1.path("bytes").asLong()).isEqualTo(app.length());
        assertThat(app1.path("pod").path("namespace").asText()).isEqualTo("default");
        assertThat(app1.path("pod").path("name").asText()).isEqualTo("web-1");
        assertThat(app1.path("pod").path("container").asText()).isEqualTo("app");
        assertThat(app1.path("pod").path("restart").asInt()).isEqualTo(1);
        assertThat(app1.path("state").asText()).isEqualTo("following");
        assertThat(Instant.parse(app1.path("first").asText())).isBeforeOrEqualTo(Instant.now());
        assertThat(sources.path(0).path("pod").isNull()).isTrue();
    }

    @Test
    void sourcesOfASilentAgentAreStale() {
        Console.Result later =
                new Console().at(Instant.now().plus(Duration.ofMinutes(5))).run("sources", "--data", data.toString());
        assertThat(later.lines().stream().skip(1))
                .allMatch(line -> line.contains(line.startsWith("@collector") ? " following " : " stale "));
    }

    @Test
    void withoutALossThereIsNoGap() {
        Console.Result result = run("gaps", "--data", data.toString());
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo("No loss is declared.\n");
    }

    @Test
    void logsFeelLikeKubectl() {
        Console.Result result = run("logs", "--data", data.toString(), "web-1", "-c", "app");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out()).isEqualTo("hello\noops\none line\n");
        assertThat(result.err()).isEmpty();
        assertThat(run("logs", "--data", data.toString(), "pod/web-1", "-c", "app", "-p")
                        .out())
                .isEqualTo("before the crash\n");
        assertThat(run("logs", "--data", data.toString(), "web-1", "-capp", "--restart=all", "--tail=1")
                        .out())
                .isEqualTo("before the crash\none line\n");
        assertThat(run("logs", "--data", data.toString(), "web-1", "-c", "app", "--timestamps", "--tail", "1")
                        .out())
                .isEqualTo("2026-03-01T10:00:02.5Z one line\n");
        assertThat(run("logs", "--data", data.toString(), "web-1", "-c", "app", "--since", "2026-03-01T10:00:03Z")
                        .out())
                .isEqualTo("oops\n");
    }

    @Test
    void logsSayWhatMustBeChosen() {
        Console.Result result = run("logs", "--data", data.toString(), "web-1");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .isEqualTo("kiroku: a container name must be specified for pod web-1, choose one of: [app proxy], or"
                        + " --all-containers\n");
        assertThat(run("logs", "--data", data.toString(), "web").err())
                .isEqualTo("kiroku: pod \"web\" is not known in namespace \"default\";"
                        + " near it are (namespace/pod): default/web-1\n");
    }

    @Test
    void rawIsTheFileItself() throws IOException {
        assertThat(run("logs", "--data", data.toString(), "web-1", "-c", "app", "--raw")
                        .bytes())
                .isEqualTo(app.getBytes(StandardCharsets.UTF_8));
        assertThat(run("logs", "--data", data.toString(), "--path", "syslog", "--raw")
                        .bytes())
                .isEqualTo(Files.readAllBytes(place.resolve("plain/syslog")));
    }

    @Test
    void verifyGivesTwoVerdicts() throws IOException {
        Console.Result result = run("verify", data.toString(), state.toString());
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out())
                .contains(data + ": a collector's data\n", state + ": an agent's ring\n")
                .contains("  integrity     holds: nothing was changed\n  completeness  holds: nothing is missing\n");
        JsonNode json = new ObjectMapper()
                .readTree(run("verify", "--json", data.toString()).bytes());
        assertThat(json.path("holds").asBoolean()).isTrue();
        assertThat(json.path("reports").path(0).path("path").asText()).isEqualTo(data.toString());
        assertThat(json.path("reports").path(0).path("integrity").path("holds").asBoolean())
                .isTrue();
        assertThat(json.path("reports").path(0).path("counts").path("rawBytes").asLong())
                .as("what the agent captured, and the custody log")
                .isEqualTo(249 + bytesOf("/kiroku/custody"));
    }

    private long bytesOf(String path) throws IOException {
        JsonNode sources = new ObjectMapper()
                .readTree(run("sources", "--data", data.toString(), "--json").bytes())
                .path("sources");
        for (JsonNode source : sources) {
            if (source.path("path").asText().equals(path)) {
                return source.path("bytes").asLong();
            }
        }
        throw new AssertionError("no source " + path);
    }

    @Test
    void verifyNamesWhatIsWrong() throws IOException {
        Path copy = place.resolve("damaged");
        copyTree(data, copy);
        Path volume;
        try (Stream<Path> volumes = Files.list(copy.resolve("volumes"))) {
            volume = volumes.findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(volume);
        bytes[bytes.length / 2] ^= 1;
        Files.write(volume, bytes);
        Console.Result result = run("verify", copy.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).contains("  integrity     FAILS: ", "segment ", "volumes/00000001.vol, bytes ");
        JsonNode json = new ObjectMapper()
                .readTree(run("verify", "--json", copy.toString()).bytes());
        assertThat(json.path("holds").asBoolean()).isFalse();
        assertThat(json.path("reports")
                        .path(0)
                        .path("integrity")
                        .path("findings")
                        .path(0)
                        .path("location")
                        .path("length")
                        .asLong())
                .isPositive();
    }

    @Test
    void aDamagedSegmentFileOrRingIsAVerdictWhereverTheDamageIs() throws IOException {
        Path file = place.resolve("flipped.lz4");
        run("segment", "extract", "--data", data.toString(), "--sequence", "1", "-o", file.toString());
        byte[] whole = Files.readAllBytes(file);
        for (int at : new int[] {0, 5, 9, 40, 400, whole.length - 1}) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 4;
            Files.write(file, flipped);
            Console.Result result = run("verify", file.toString());
            assertThat(result.status()).as("byte %d: %s", at, result).isEqualTo(1);
            assertThat(result.out()).contains("integrity     FAILS: 1 finding");
        }
        Path ring = Files.createDirectories(place.resolve("broken")).resolve("ring");
        byte[] page = Files.readAllBytes(state.resolve("ring"));
        page[0] ^= 1;
        Files.write(ring, page);
        for (Path named : List.of(ring, ring.getParent())) {
            Console.Result result = run("verify", named.toString());
            assertThat(result.status()).as("%s", result).isEqualTo(1);
            assertThat(result.out()).contains("an agent's ring\n", "integrity     FAILS: 1 finding");
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.endsWith("ring")) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Test
    void theRingIsListedAndDumped() throws IOException {
        Console.Result list = run("ring", "--state", state.toString(), "list");
        assertThat(list.status()).as("%s", list).isZero();
        assertThat(list.lines().getFirst()).startsWith("node node-1, stream ");
        assertThat(list.lines().get(1)).startsWith("SEGMENT  EPOCH  SEALED").endsWith("SOURCES");
        assertThat(list.lines().get(2)).startsWith("      1      1  2").contains(" yes ");

        Console.Result dump = run("ring", "--state", state.toString(), "dump", "--raw", "--path", "app/1.log");
        assertThat(dump.out()).isEqualTo(app);
        assertThat(run("ring", "--state", state.toString(), "dump").out())
                .contains("==> " + place + "/plain/syslog <== (segment ", "first\nsecond\n");

        Path segments = place.resolve("segments");
        Console.Result files = run("ring", "--state", state.toString(), "dump", "--segments", segments.toString());
        assertThat(files.status()).as("%s", files).isZero();
        assertThat(run("verify", segments.toString()).status()).isZero();
        try (Stream<Path> written = Files.list(segments)) {
            assertThat(written).isNotEmpty().allMatch(file -> file.toString().endsWith(".lz4"));
        }
    }

    @Test
    void aSegmentIsExtractedFromStoreAndRing() throws IOException {
        Path file = place.resolve("one.lz4");
        Console.Result extract =
                run("segment", "extract", "--data", data.toString(), "--sequence", "1", "-o", file.toString());
        assertThat(extract.status()).as("%s", extract).isZero();
        Console.Result ring = run("segment", "extract", "--ring", state.toString(), "--sequence", "1", "-o", "-");
        assertThat(ring.bytes()).isEqualTo(Files.readAllBytes(file));
        Console.Result verified = run("verify", file.toString());
        assertThat(verified.status()).as("%s", verified).isZero();
        assertThat(verified.out()).startsWith(file + ": a segment\n");

        assertThat(run("segment", "extract", "--data", data.toString(), "--sequence", "999", "-o", "-")
                        .err())
                .isEqualTo("kiroku: %s does not hold segment 999 of its stream\n".formatted(data));
        assertThat(run("segment", "extract", "--ring", state.toString(), "--sequence", "999", "-o", "-")
                        .err())
                .contains("does not hold a sound segment 999");
    }

    @Test
    void whatIsTypedIsCompleted() {
        assertThat(run("__complete", "so").out()).matches("sources\tLists every source .*\n:4\n");
        assertThat(run("__complete", "bundle", "").lines()).anyMatch(line -> line.startsWith("create\t"));
        assertThat(run("__complete", "logs", "--prev").out())
                .startsWith("--previous\t")
                .endsWith("\n:4\n");
        assertThat(run("__complete", "logs", "--data", data.toString(), "").out())
                .isEqualTo("web-1\n:4\n");
        assertThat(run("__complete", "logs", "--data", data.toString(), "-n", "other", "")
                        .out())
                .isEqualTo(":4\n");
        assertThat(run("__complete", "logs", "--data", data.toString(), "-n", "")
                        .out())
                .isEqualTo("default\n:4\n");
        assertThat(run("__complete", "logs", "--data", data.toString(), "web-1", "-c", "")
                        .out())
                .isEqualTo("app\nproxy\n:4\n");
        assertThat(run("__complete", "logs", "--data", "").out())
                .as("a directory's name")
                .isEqualTo(":0\n");
        assertThat(run("__complete", "logs", "--data", "/nowhere", "").out()).isEqualTo(":4\n");
        assertThat(run("__complete", "completion", "f").out()).isEqualTo("fish\n:4\n");
        assertThat(run("completion", "bash").out()).contains("complete -F _complete_kiroku", "--all-namespaces");
        assertThat(run("completion", "fish").out()).contains("kiroku __complete");
    }

    @Test
    void aClosedStandardOutputIsNoFailure() {
        Terminal terminal = new Terminal(
                new ByteArrayOutputStream() {
                    @Override
                    public void flush() throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                System.err,
                false,
                false,
                Map.of());
        assertThat(Kiroku.run(
                        terminal, InstantSource.system(), "logs", "--data", data.toString(), "web-1", "-c", "app"))
                .isZero();
    }
}
