package io.kiroku.systemtests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the launcher starts agent and collector from what the build made. */
final class DistributionIT {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String CACHE = "/agent.aot";
    private static final String LINE = "2026-11-23T10:15:30.123456789Z stdout F captured\n";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Path podLogs;

    @BeforeEach
    void aContainerHasWritten() throws Exception {
        podLogs = directory.resolve("pods");
        Path log = podLogs.resolve("shop_web-1_9f0c3c1e-7f0a-4b8e-9a55-2d1c6f5b8e01/web/0.log");
        Files.createDirectories(log.getParent());
        Files.writeString(log, LINE);
    }

    @Test
    void killedProcessesLeaveNothingInTheDirectoryForTemporaryFiles() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        List<String> prefix = withOptions("-Djava.io.tmpdir=" + temporary);
        try (Deployment deployment = new Deployment(directory, podLogs)) {
            deployment.collectorPrefix(prefix);
            deployment.agentPrefix(prefix);
            capture(deployment);
            assertThat(mapped(deployment.agent()))
                    .as("the agent has LZ4's native code")
                    .contains("/liblz4-java.so");
            deployment.agent().kill();
            deployment.collector().kill();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "kiroku.train.skip", matches = "true")
    void agentStartsFromTheCacheThatTheBuildMade() throws Exception {
        try (Deployment deployment = new Deployment(directory, podLogs)) {
            capture(deployment);
            assertThat(mapped(deployment.agent())).contains(CACHE);
        }
    }

    /** None of these goes with the cache. The JVM would say so at each start, in some lines. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:-UseCompactObjectHeaders", "--add-opens=java.base/java.lang=ALL-UNNAMED"})
    void agentWithOtherOptionsStartsWithoutTheCacheAndWithoutAWord(String option) throws Exception {
        try (Deployment deployment = new Deployment(directory, podLogs)) {
            deployment.agentPrefix(withOptions(option));
            capture(deployment);
            assertThat(mapped(deployment.agent())).doesNotContain(CACHE);
            assertThat(deployment.agent().output()).startsWith("agent of node ").hasLineCount(1);
        }
    }

    @Test
    void agentWithOtherJarsStartsWithoutTheCacheAndWithoutAWord() throws Exception {
        Path copy = directory.resolve("a copy");
        // Not with -a: the jars get other times.
        Shell.bash(
                "cp -r -- \"$1\" \"$2\"; cp -- \"$3\" \"$2\"",
                root().resolve("cli/target/kiroku"),
                copy,
                root().resolve("kiroku"));
        try (Deployment deployment = new Deployment(directory, podLogs)) {
            // The launcher that it would run becomes an argument that nobody looks at.
            deployment.agentPrefix(List.of(
                    "bash",
                    "-c",
                    "shift; exec \"$0\" \"$@\"",
                    copy.resolve("kiroku").toString()));
            capture(deployment);
            assertThat(mapped(deployment.agent())).contains("/a copy/native/").doesNotContain(CACHE);
            assertThat(deployment.agent().output()).startsWith("agent of node ").hasLineCount(1);
        }
    }

    private static void capture(Deployment deployment) throws Exception {
        deployment.startCollector();
        deployment.startAgent();
        deployment.awaitAcknowledged(BOUND, LINE.length());
    }

    private static Path root() {
        return Path.of(System.getProperty("kiroku.root"));
    }

    private static List<String> withOptions(String options) {
        return List.of("env", "KIROKU_JAVA_OPTS=" + options);
    }

    /** The files that are mapped into its memory, a line for each. */
    private static String mapped(Running process) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "maps"))) {
            return lines.filter(line -> line.contains("/"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .collect(Collectors.joining("\n"));
        }
    }
}
