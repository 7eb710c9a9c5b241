package io.kiroku.systemtests.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.lines.LineAudit;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.promises.Digests;
import io.kiroku.systemtests.promises.Site;
import io.kiroku.systemtests.promises.Wanting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The agent of the container image, in a real containerd and confined as the chart does it, captures what pods write. */
final class ImageIT {
    private static final String UNTESTED = "that the container image's agent captures logs";
    private static final String IMAGE = "localhost/kiroku:ci";
    private static final int LINES = 20_000;
    private static final int GRACE_SECONDS = 30;

    /** DAC_READ_SEARCH and FOWNER, as {@code capabilities(7)} numbers them. */
    private static final String CAPABILITIES = "%016x".formatted(1 << 2 | 1 << 3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Containerd containerd;

    @BeforeEach
    void startContainerd() throws Exception {
        Path archive = Path.of(System.getProperty("kiroku.root", ".."), "target/kiroku-image.tar");
        if (!Files.exists(archive)) {
            Wanting.skip(UNTESTED, "there is no " + archive + ": .ci/image makes it");
        }
        for (String program : List.of("containerd", "ctr", "runc", "busybox")) {
            Wanting.program(UNTESTED, program);
        }
        if (!Shell.run("id", "-u").text().strip().equals("0")) {
            Wanting.skip(UNTESTED, "containers need root");
        }
        containerd = Containerd.start(Files.createDirectory(directory.resolve("c")));
        containerd.importImage(archive);
    }

    @AfterEach
    void endContainerd() throws IOException {
        if (containerd != null) {
            containerd.close();
        }
    }

    @Test
    void confinedAgentOfTheImageCapturesEveryByte() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            site.startCollector();
            Files.createDirectories(site.podLogs());
            Path own = Files.createDirectories(directory.resolve("own"));
            RealPod agentPod = new RealPod(
                    containerd.cri(),
                    Files.createDirectory(directory.resolve("l")),
                    "kiroku",
                    "agent",
                    UUID.randomUUID().toString());
            Path state = own.resolve("state");
            long began = System.nanoTime();
            String agent = containerd
                    .cri()
                    .startConfined(
                            agentPod.sandboxId(),
                            agentPod.sandbox(),
                            "agent",
                            "0.log",
                            IMAGE,
                            arguments(site, own),
                            List.of(own, site.base().resolve("node")));
            Await.until(
                    Duration.ofSeconds(30),
                    "a first segment in the store",
                    () -> log(agentPod),
                    () -> site.captured().look().segmentCount() > 0);
            long started = System.nanoTime() - began;
            Path process = process(state);
            assertConfined(process);

            RealPod pod = new RealPod(
                    containerd.cri(),
                    site.podLogs(),
                    "shop",
                    "web",
                    UUID.randomUUID().toString());
            try (RealContainer container = new RealContainer(containerd.cri(), pod, "web", script())) {
                Await.until(Duration.ofSeconds(60), "an exit", () -> log(agentPod), container::hasExited);
                HeldLog log = container.logs().getFirst();
                assertThat(LineAudit.of(log.content())).isEqualTo(new LineAudit(LINES, 0, 0, 0, 0));
                site.alsoWritten(List.of(written(pod, log)));
                site.awaitCaptured(Duration.ofSeconds(30));
                assertThat(Files.isDirectory(site.base().resolve("node/pins")))
                        .as("pins")
                        .isTrue();
                System.out.printf(
                        "image: agent started in %d ms, to the first receipt; resident %s%n",
                        started / 1_000_000, resident(process));
                assertThat(Files.readString(process.resolve("maps")))
                        .as("the cache is used")
                        .contains("/agent.aot");
                site.assertBitExact();
                site.assertVerifiedWithoutGaps();
            }
            assertThat(containerd.cri().stopContainer(agent, GRACE_SECONDS))
                    .as("exit status%n%s", log(agentPod))
                    .isIn(0L, 143L);
        }
    }

    private static List<String> arguments(Site site, Path own) {
        return List.of(
                "agent",
                "--node=image",
                "--state=" + own.resolve("state"),
                "--keys=" + own.resolve("keys"),
                "--pins=" + site.base().resolve("node/pins"),
                "--collector=127.0.0.1:" + site.port(),
                "--pod-logs=" + site.podLogs(),
                "--logs=none",
                "--ring-size=64MiB",
                "--metrics=127.0.0.1:0");
    }

    /** The directory below /proc of the process with that state directory. */
    private static Path process(Path state) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .filter(path -> commandLine(path).contains("agent\0--node=image\0--state=" + state + "\0"))
                    .filter(path -> commandLine(path).startsWith("/opt/java/bin/java"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException gone) {
            return "";
        }
    }

    private static void assertConfined(Path process) throws IOException {
        assertThat(Files.readString(process.resolve("status")))
                .containsPattern("Uid:\\s+0\\s")
                .containsPattern("CapEff:\\s+" + CAPABILITIES)
                .containsPattern("CapBnd:\\s+" + CAPABILITIES)
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern("Seccomp:\\s+2");
    }

    private static String resident(Path process) throws IOException {
        Matcher line = Pattern.compile("VmRSS:\\s+(.*)").matcher(Files.readString(process.resolve("status")));
        return line.find() ? line.group(1) : "unknown";
    }

    private static Written written(RealPod pod, HeldLog log) throws IOException {
        return new Written(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                "web",
                0,
                log.live(),
                log.length(),
                Digests.sha256(log.content()),
                log.count() - 1,
                Optional.empty());
    }

    /** What the agent said. */
    private static String log(RealPod pod) {
        try {
            return System.lineSeparator() + Files.readString(pod.directory().resolve("0.log"));
        } catch (IOException none) {
            return none.toString();
        }
    }

    private static String script() {
        return """
            awk 'BEGIN { for (i = 0; i < %d; i++) print i, "GET /api/v1/orders HTTP/1.1 200 okhttp/4.12.0" }'
            """.formatted(LINES);
    }
}
