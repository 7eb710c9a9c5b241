package io.kiroku.systemtests.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.cluster.PretendApiServer;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.tls.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** kubectl-kiroku through a port that containerd's own streaming server forwards, the end of every port forward in a cluster. */
final class RealPortForwardIT {
    private static final String POD = "kiroku-collector-0";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void theRuntimeForwardsThePort() throws Exception {
        TestAuthority authority = new TestAuthority("kiroku");
        Path podLogs = Files.createDirectory(directory.resolve("pods"));
        try (PretendApiServer api = new PretendApiServer("127.0.0.1");
                Deployment deployment = new Deployment(directory, podLogs);
                Containerd containerd = Containerd.start(Files.createDirectory(directory.resolve("c")))) {
            api.know("collector", "collector");
            api.know("developer", "developer");
            Path collectors = Files.writeString(
                    directory.resolve("collector.kubeconfig"), api.kubeconfig("c", "kiroku", "{token: collector}"));
            Path tls = authority.write(directory.resolve("tls"), authority.issue("c", "kiroku-collector.kiroku.svc"));
            deployment.collectorPrefix(List.of("env", "KUBECONFIG=" + collectors));
            deployment.collectorOptions(List.of("--kubernetes", "--http-tls", tls.toString()));
            deployment.startCollector();

            // A pod in the node's own network: the collector's port is its port.
            RealPod pod = new RealPod(containerd.cri(), podLogs, "kiroku", POD, "9f0c3c1e-7f0a-4b8e-9a55-2d1c6f5b8e01");
            int[] port = {deployment.http()};
            api.installCollector("kiroku", "kiroku-collector", authority, 1);
            api.passForwardsOn(_ -> {
                try {
                    return streaming(containerd.cri().portForward(pod.sandboxId(), port[0]), port[0]);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            Path developer = Files.writeString(
                    directory.resolve("kubeconfig"), api.kubeconfig("c", "shop", "{token: developer}"));
            assertThat(sources(developer)).isEqualTo(new Shell.Outcome(0, "No source has been captured yet.\n"));

            port[0] = Ports.free();
            Shell.Outcome nobody = sources(developer);
            assertThat(nobody.exit()).isEqualTo(1);
            assertThat(nobody.text())
                    .startsWith("kiroku: the port 4480 of pod kiroku/kiroku-collector-0 cannot be reached: ")
                    .contains("connection refused");
            pod.remove();
        }
    }

    /** As the kubelet asks it, which has another name for the port than the API server. */
    private static URI streaming(String url, int port) {
        return URI.create("ws" + url.substring("http".length()) + "?port=" + port);
    }

    private static Shell.Outcome sources(Path kubeconfig) throws Exception {
        return Shell.run(
                "env",
                "-u",
                "KIROKU_TOKEN",
                "KIROKU_NO_BUILD=1",
                "KUBECONFIG=" + kubeconfig,
                Path.of(System.getProperty("kiroku.root"), "kiroku").toString(),
                "sources",
                "--context",
                "c");
    }
}
