package io.kiroku.systemtests.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.promises.Digests;
import io.kiroku.systemtests.promises.Site;
import io.kiroku.systemtests.promises.Wanting;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pod that really runs crashes three times and is deleted, its logs with it. The cluster's API server hears of two of its three
 * lives. Afterwards it is shown whole, by the collector and from its data alone.
 */
final class DeadPodsIT {
    private static final String UNTESTED = "that a pod that really ran is shown whole once it is gone";

    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Containerd containerd;
    private ApiServer api;
    private final List<RealContainer> containers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        for (String program : List.of("containerd", "ctr", "runc", "busybox")) {
            Wanting.program(UNTESTED, program);
        }
        if (!Shell.run("id", "-u").text().strip().equals("0")) {
            Wanting.skip(UNTESTED, "containers need root");
        }
        containerd = Containerd.start(Files.createDirectory(directory.resolve("c")));
        api = new ApiServer(directory);
    }

    @AfterEach
    void end() throws Exception {
        for (RealContainer container : containers) {
            container.close();
        }
        if (api != null) {
            api.close();
        }
        if (containerd != null) {
            containerd.close();
        }
    }

    private void awaitExit(RealContainer container) throws Exception {
        Await.until(BOUND, "an exit of " + container.name(), containerd::tail, container::hasExited);
    }

    @Test
    void aPodThatCrashedAndIsGoneIsShownWhole() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            site.collectorPrefix("env", "KUBECONFIG=" + api.kubeconfig());
            site.collectorOptions("--cluster", "test");
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();

            RealContainer app = liveAndDie(site);
            String url = "http://127.0.0.1:" + site.http();
            String pod = app.pod().name();
            Await.until(BOUND, "the collector to know that the pod is gone and to have its logs", site::tails, () -> {
                Outcome pods = site.program().run("pods", "--collector", url, "-n", "shop", "--dead");
                assertThat(pods.exit()).as("%s%s", pods, site.tails()).isZero();
                return Pattern.compile(pod + " +Deleted +2 +OOMKilled \\(137\\) .* node-a +whole +20[0-9-]{8}")
                        .matcher(pods.text())
                        .find();
            });
            assertShownWhole(site, app, "--collector", url);
            site.shutDown();
            assertShownWhole(site, app, "--data", site.data().toString());
            site.assertVerified();
        }
    }

    /** Crashes by itself, after a moment without anybody being told, and by force; then pod and logs are gone. */
    private RealContainer liveAndDie(Site site) throws Exception {
        api.deploy("shop");
        String uid = api.created("shop");
        RealPod pod = new RealPod(containerd.cri(), site.podLogs(), "shop", ApiServer.podName(), uid);
        api.scheduled(pod);
        RealContainer app = new RealContainer(containerd.cri(), pod, "app", """
            awk 'BEGIN { for (i = 0; i < 200; i++) print i, "working on it" }'
            echo 'panic: the first'
            exit 2
            """);
        containers.add(app);
        awaitExit(app);
        api.crashed(app, "Error");

        app.restart("""
            echo 'panic: after a moment' >&2
            usleep 100000
            exit 3
            """);
        awaitExit(app);

        app.restart("""
            echo 'up again'
            exec sleep 60
            """);
        Await.until(
                BOUND,
                "a line of the last life",
                containerd::tail,
                () -> app.logs().getLast().lengthOfLast() > 0);
        app.kill();
        awaitExit(app);
        api.crashed(app, "OOMKilled");

        pod.remove();
        api.deleted(pod);
        return app;
    }

    private static void assertShownWhole(Site site, RealContainer app, String... where) throws Exception {
        String pod = app.pod().name();
        Outcome crash = run(site, where, "crash", "-n", "shop", pod);
        assertThat(crash.text())
                .containsSubsequence(
                        "Pod        shop/" + pod,
                        "Owner      Deployment/web",
                        "Node       node-a",
                        "Labels     app=web",
                        "Preserved  until 20",
                        "began    app/0  registry.example/web:1 (sha256:0123456789ab)",
                        "ended    app/0  exit 2, Error",
                        "199 working on it",
                        "panic: the first",
                        "began    app/1: the cluster never told of this life",
                        "ended    app/1",
                        "panic: after a moment",
                        "ended    app/2  exit 137 (SIGKILL), OOMKilled",
                        "up again",
                        "pod      gone: ")
                .contains("event    Scheduled: Successfully assigned shop/", "event    BackOff");
        assertThat(run(site, where, "crash", "-n", "shop", "deploy/" + ApiServer.DEPLOYMENT)
                        .text())
                .isEqualTo(crash.text());

        Outcome logs =
                run(site, where, "logs", "-n", "shop", "deploy/" + ApiServer.DEPLOYMENT, "--previous=all", "--raw");
        assertThat(Digests.sha256(logs.stdout())).isEqualTo(Digests.sha256(everything(app)));
        assertThat(run(site, where, "logs", "-n", "shop", "-l", "app=web", "--previous=all", "--prefix", "--tail", "1")
                        .text())
                .isEqualTo("""
                    [pod/%1$s/app/0] panic: the first
                    [pod/%1$s/app/1] panic: after a moment
                    [pod/%1$s/app/2] up again
                    """.formatted(pod));
    }

    private static Outcome run(Site site, String[] where, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(where));
        Outcome outcome = site.program().run(all.toArray(String[]::new));
        assertThat(outcome.exit()).as("%s%s", outcome, site.tails()).isZero();
        return outcome;
    }

    private static InputStream everything(RealContainer app) throws IOException {
        List<InputStream> logs = new ArrayList<>();
        for (HeldLog log : app.logs()) {
            logs.add(log.content());
        }
        return new SequenceInputStream(Collections.enumeration(logs));
    }
}
