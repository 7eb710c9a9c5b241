package io.kiroku.systemtests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Deployment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** How the launcher starts agent and collector from what the build made. */
final class DistributionIT {
    private static final Duration BOUND = Duration.ofSeconds(30);
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
        List<String> prefix = List.of("env", "KIROKU_JAVA_OPTS=-Djava.io.tmpdir=" + temporary);
        try (Deployment deployment = new Deployment(directory, podLogs)) {
            deployment.collectorPrefix(prefix);
            deployment.agentPrefix(prefix);
            deployment.startCollector();
            deployment.startAgent();
            deployment.awaitAcknowledged(BOUND, LINE.length());
            assertThat(Files.readString(
                            Path.of("/proc", Long.toString(deployment.agent().pid()), "maps")))
                    .as("the agent has LZ4's native code")
                    .contains("/liblz4-java.so");
            deployment.agent().kill();
            deployment.collector().kill();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left).isEmpty();
        }
    }
}
