package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.process.Sockets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Nobody gets in from outside, nothing is readable for others, and no privilege is needed but to read the logs. */
final class Promise8LeastPrivilegeIT {
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void agentWithoutAnyCapabilityListensOnItsMetricsOnly() throws Exception {
        try (Site site = new Site(directory)) {
            int metrics = Ports.free();
            if (Shell.run("id", "-u").text().strip().equals("0")) {
                site.agentPrefix("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs");
            }
            site.startCollector();
            Running agent = site.startAgent("--metrics", "127.0.0.1:" + metrics);
            PretendContainer container =
                    site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
            container.print(StdStream.STDOUT, ByteBuffer.wrap("captured".getBytes(StandardCharsets.UTF_8)), true);
            site.awaitCaptured(Duration.ofSeconds(30));

            assertThat(Files.readString(Path.of("/proc", Long.toString(agent.pid()), "status")))
                    .containsPattern("CapEff:\\s+0000000000000000");
            Set<String> listening = new HashSet<>(Sockets.listening(agent.pid()));
            assertThat(listening).as("the agent listens on").hasSize(1);
            assertThat(Sockets.loopback(metrics)).containsAll(listening);
            assertThat(Shell.bash(
                            "exec 3<>/dev/tcp/127.0.0.1/$1; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
                            metrics))
                    .contains("200")
                    .contains("kiroku_");

            Set<String> allowed = new HashSet<>(Sockets.loopback(site.port()));
            allowed.addAll(Sockets.loopback(site.http()));
            assertThat(allowed)
                    .as("the collector listens on")
                    .containsAll(Sockets.listening(site.collector().pid()));
            assertPrivate(site.state());
            assertPrivate(site.data());
        }
    }

    @Test
    void collectorRefusesToListenBeyondTheLoopbackInterface() throws Exception {
        try (Site site = new Site(directory)) {
            int port = Ports.free();
            Outcome outcome = site.program()
                    .run(
                            "collector",
                            "--data",
                            site.data().toString(),
                            "--listen",
                            "0.0.0.0:" + port,
                            "--http",
                            "127.0.0.1:" + Ports.free());
            assertThat(outcome.exit()).as("%s", outcome).isEqualTo(2);
            assertThat(outcome.stderr()).contains("0.0.0.0").doesNotContain("\tat ");
            assertThat(Ports.answers(port)).isFalse();
        }
    }

    /** What is in the directory of pins are further names of log files, with those files' permissions. */
    private static void assertPrivate(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(path -> !path.startsWith(directory.resolve("pins/")))
                    .toList()) {
                assertThat(OWNERS).as("permissions of %s", file).containsAll(Files.getPosixFilePermissions(file));
            }
        }
    }
}
