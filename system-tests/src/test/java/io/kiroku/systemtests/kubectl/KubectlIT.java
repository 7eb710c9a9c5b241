package io.kiroku.systemtests.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kiroku.cli.cluster.PretendApiServer;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.tls.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kubectl kiroku} by the launcher, and by kubectl itself where there is one, against an agent and a collector that knows the
 * callers of a pretended cluster by its API server, through ports that this forwards.
 */
final class KubectlIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final TestAuthority authority = new TestAuthority("kiroku");
    private PretendApiServer api;
    private Deployment deployment;
    private Path path;

    @BeforeEach
    void aPodHasWrittenAndIsGone() throws Exception {
        api = new PretendApiServer("127.0.0.1");
        Path podLogs = Files.createDirectory(directory.resolve("pods"));
        long bytes = write(podLogs, "shop", "bought") + write(podLogs, "pay", "paid");
        deployment = new Deployment(directory, podLogs);
        api.know("collector-token", "system:serviceaccount:kiroku:kiroku-collector");
        api.know("developer-token", "developer");
        api.letRead("developer", "shop");
        api.letRead("system:serviceaccount:pay:reader", "pay");
        Path collectors = kubeconfig("collector", "kiroku", "{token: collector-token}");
        Path tls = authority.write(directory.resolve("tls"), authority.issue("c", "kiroku-collector.kiroku.svc"));
        deployment.collectorPrefix(List.of("env", "KUBECONFIG=" + collectors));
        deployment.collectorOptions(List.of("--kubernetes", "--http-tls", tls.toString()));
        deployment.startCollector();
        deployment.startAgent();
        deployment.awaitAcknowledged(BOUND, bytes);
        Shell.bash("rm -r -- \"$1\"/*", podLogs);
        api.installCollector("kiroku", "kiroku-collector", authority, deployment.http());

        path = Files.createDirectory(directory.resolve("bin"));
        Path launcher = Path.of(System.getProperty("kiroku.root"), "kiroku").toRealPath();
        Files.createSymbolicLink(path.resolve("kubectl-kiroku"), launcher);
        Files.createSymbolicLink(path.resolve("kubectl_complete-kiroku"), launcher);
    }

    private static long write(Path podLogs, String namespace, String line) throws Exception {
        Path log = podLogs.resolve(namespace + "_web-1_9f0c3c1e-7f0a-4b8e-9a55-2d1c6f5b8e01/web/0.log");
        Files.createDirectories(log.getParent());
        Files.writeString(log, "2026-11-23T10:15:30.123456789Z stdout F %s\n".formatted(line));
        return Files.size(log);
    }

    @AfterEach
    void end() {
        if (deployment != null) {
            deployment.close();
        }
        api.close();
    }

    private Path kubeconfig(String name, String namespace, String user) throws Exception {
        return Files.writeString(directory.resolve(name + ".kubeconfig"), api.kubeconfig(name, namespace, user));
    }

    /** Runs a command as somebody with that kubeconfig; both its outputs are in the text. */
    private Shell.Outcome as(Path kubeconfig, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "env",
                "-u",
                "KIROKU_TOKEN",
                "KIROKU_NO_BUILD=1",
                "KUBECONFIG=" + kubeconfig,
                "PATH=%s:%s".formatted(path, System.getenv("PATH"))));
        words.addAll(List.of(command));
        return Shell.run(words);
    }

    @Test
    void whoeverMayReadAPodsLogReadsItAfterThePodsDeath() throws Exception {
        Path developer = kubeconfig("developer", "shop", "{token: developer-token}");
        assertThat(as(developer, "kubectl-kiroku", "logs", "web-1")).isEqualTo(new Shell.Outcome(0, "bought\n"));
        Shell.Outcome foreign = as(developer, "kubectl-kiroku", "logs", "-n", "pay", "web-1");
        assertThat(foreign.exit()).isEqualTo(1);
        assertThat(foreign.text()).doesNotContain("paid");
        Await.until(BOUND, "the forwards to end with the commands", () -> api.forwards() == 0);

        Path admin = kubeconfig("admin", "shop", api.userWithCertificate("admin"));
        assertThat(as(admin, "kubectl-kiroku", "logs", "web-1"))
                .matches(outcome -> outcome.exit() == 1 && outcome.text().contains("--service-account"));
        assertThat(as(admin, "kubectl-kiroku", "logs", "web-1", "-n", "pay", "--service-account", "pay:reader"))
                .isEqualTo(new Shell.Outcome(0, "paid\n"));
    }

    @Test
    void kubectlItselfRunsAndCompletesIt() throws Exception {
        boolean isThere = Shell.run("bash", "-c", "type -P kubectl").exit() == 0;
        if (!isThere) {
            System.err.println("NOT TESTED: kubectl kiroku by kubectl itself, for there is no kubectl here"
                    + " (Debian's package kubernetes-client)");
        }
        assumeTrue(isThere, "there is no kubectl");
        Path developer = kubeconfig("developer", "shop", "{token: developer-token}");
        assertThat(as(developer, "kubectl", "kiroku", "logs", "web-1")).isEqualTo(new Shell.Outcome(0, "bought\n"));
        assertThat(as(developer, "kubectl", "kiroku", "logs", "--help").text()).startsWith("kubectl kiroku logs ");
        Shell.Outcome unknown = as(developer, "kubectl", "kiroku", "logs", "web-2");
        assertThat(unknown.exit()).as("%s", unknown).isEqualTo(1);

        // What kubectl asks is the same whether it is kubectl (1.26 or newer) who asks or not.
        // On a busy machine names come too late for somebody who waits at his prompt, and then there are none.
        Await.until(
                BOUND,
                "the pod's name to be completed",
                () -> as(developer, "kubectl_complete-kiroku", "logs", "we")
                        .equals(new Shell.Outcome(0, "web-1\n:4\n")));
        if (as(developer, "kubectl", "version", "--client").text().matches("(?s).*v1\\.(2[6-9]|[3-9][0-9]).*")) {
            Await.until(
                    BOUND,
                    "kubectl to complete the pod's name",
                    () -> as(developer, "kubectl", "__complete", "kiroku", "logs", "we")
                            .text()
                            .contains("web-1\n:4\n"));
            assertThat(as(developer, "kubectl", "__complete", "kiroku", "").text())
                    .contains("logs\t", "sources\t")
                    .doesNotContain("collector\t");
        }
    }
}
