package io.kiroku.systemtests.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.Rotation;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What a real containerd wrote is what the store gives back, through real rotation, crashes and removal. */
final class RealContainerdIT {
    private static final String UNTESTED = "that what a real containerd writes is captured";

    /** As the kubelet's, but faster and smaller; no two rotations fall into one second of a file's name. */
    private static final Rotation ROTATION = new Rotation(1 << 20, 5, Duration.ofMillis(1100), Duration.ofMillis(2));

    private static final int TORRENT_OUT = 120_000;
    private static final int TORRENT_ERR = 40_000;
    private static final int CRASH_LINES = 500;
    private static final int CRASHES = 4;
    private static final int JOB_LINES = 300;
    private static final int JOBS = 5;
    private static final int SLOW_LINES = 25;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Containerd containerd;
    private final List<RealContainer> containers = new ArrayList<>();
    private long nextRotation = System.nanoTime();

    @BeforeEach
    void startContainerd() throws Exception {
        for (String program : List.of("containerd", "ctr", "runc", "busybox")) {
            Wanting.program(UNTESTED, program);
        }
        if (Shell.run("bash", "-c", "ldd \"$(type -P busybox)\"").exit() == 0) {
            Wanting.skip(UNTESTED, "the busybox here is not static: its libraries would be wanting in a container");
        }
        if (!Shell.run("id", "-u").text().strip().equals("0")) {
            Wanting.skip(UNTESTED, "containers need root");
        }
        containerd = Containerd.start(Files.createDirectory(directory.resolve("c")));
        System.out.println(containerd.cri().version());
    }

    @AfterEach
    void endContainerd() throws Exception {
        for (RealContainer container : containers) {
            container.close();
        }
        if (containerd != null) {
            containerd.close();
        }
    }

    @Test
    void everyByteThatContainerdWroteIsGivenBack() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            RealContainer torrent = start(site, "torrent", "web", torrent(TORRENT_OUT, TORRENT_ERR));
            RealContainer crashing = start(site, "crashloop", "app", crashing());
            for (int i = 0; i < JOBS; i++) {
                RealContainer job = start(site, "once-" + i, "job", job());
                await(job, torrent);
                job.pod().remove();
            }
            for (int i = 0; i < CRASHES; i++) {
                await(crashing, torrent);
                crashing.restart();
            }
            await(crashing, torrent);
            await(torrent, torrent);

            assertThat(torrent.logs().getFirst().count())
                    .as("files of the torrent")
                    .isGreaterThan(5);
            // One fewer if it exited between the last rename and the reopening: the name is given back then.
            assertThat(directory(torrent))
                    .as("what the kubelet left")
                    .hasSizeBetween(ROTATION.maxFiles() - 1, ROTATION.maxFiles());
            assertThat(audit(torrent)).isEqualTo(new LineAudit(TORRENT_OUT + 1 + TORRENT_ERR, 0, 0, 0, 0));
            assertThat(audit(crashing)).isEqualTo(new LineAudit((CRASHES + 1) * (CRASH_LINES + 1L), 0, 0, 0, 0));
            site.alsoWritten(written());
            site.awaitCaptured(Duration.ofSeconds(30));
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            site.shutDown();
        }
    }

    @Test
    void everyByteIsGivenBackThoughTheAgentWasDeadWhilePodsWereRotatedAndRemoved() throws Exception {
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            RealContainer torrent = start(site, "torrent", "web", torrent(TORRENT_OUT / 2, TORRENT_ERR / 2));
            RealContainer doomed = start(site, "doomed", "job", slow());
            for (RealContainer container : List.of(torrent, doomed)) {
                Await.until(
                        Duration.ofSeconds(20),
                        "the agent to notice " + container.name(),
                        site::tails,
                        () -> site.captured()
                                        .look()
                                        .bytesOf(container.logs().getFirst().live())
                                > 0);
            }
            site.agent().kill();
            int before = torrent.logs().getFirst().count();
            await(doomed, torrent);
            doomed.pod().remove();
            site.startAgent();
            await(torrent, torrent);

            assertThat(torrent.logs().getFirst().count())
                    .as("files of the torrent")
                    .isGreaterThan(before);
            assertThat(audit(doomed)).isEqualTo(new LineAudit(SLOW_LINES, 0, 0, 0, 0));
            site.alsoWritten(written());
            site.awaitCaptured(Duration.ofSeconds(30));
            site.assertBitExact();
            // Whether more files came and went in the removed directory no agent can know: that may be declared.
            site.assertVerified();
            site.shutDown();
        }
    }

    private RealContainer start(Site site, String pod, String container, String script) throws IOException {
        RealPod started = new RealPod(
                containerd.cri(), site.podLogs(), "shop", pod, UUID.randomUUID().toString());
        RealContainer running = new RealContainer(containerd.cri(), started, container, script);
        containers.add(running);
        return running;
    }

    /** Waits until it has exited, and looks after another's log meanwhile, as often as the kubelet does. */
    private void await(RealContainer container, RealContainer rotated) throws Exception {
        Await.until(Duration.ofSeconds(60), "an exit of " + container.name(), containerd::tail, () -> {
            if (System.nanoTime() - nextRotation >= 0) {
                nextRotation = System.nanoTime() + ROTATION.checkEvery().toNanos();
                rotated.rotateIfLarge(ROTATION);
            }
            return container.hasExited();
        });
    }

    private static List<Path> directory(RealContainer container) throws IOException {
        try (var files = Files.list(container.pod().directory().resolve(container.name()))) {
            return files.toList();
        }
    }

    private static LineAudit audit(RealContainer container) throws IOException {
        LineAudit audit = LineAudit.NONE;
        for (HeldLog log : container.logs()) {
            audit = audit.plus(LineAudit.of(log.content()));
        }
        return audit;
    }

    /** The truth, in the words of the tests that have a pretended node. */
    private List<Written> written() throws IOException {
        List<Written> all = new ArrayList<>();
        for (RealContainer container : containers) {
            List<HeldLog> logs = container.logs();
            for (int restart = 0; restart < logs.size(); restart++) {
                HeldLog log = logs.get(restart);
                all.add(new Written(
                        container.pod().namespace(),
                        container.pod().name(),
                        container.pod().uid(),
                        container.name(),
                        restart,
                        log.live(),
                        log.length(),
                        Digests.sha256(log.content()),
                        log.count() - 1,
                        Optional.empty()));
            }
        }
        return all;
    }

    /** Both outputs at once, in bursts; now and then a line that is cut into parts; at last a line that does not end. */
    private static String torrent(int out, int err) {
        return """
            lines() {
                awk -v n="$1" 'BEGIN {
                    for (i = 0; i < 2000; i++) long = long "0123456789"
                    for (i = 0; i < n; i++) {
                        print i, (i %% 100 == 99 ? long : "GET /api/v1/orders/" i * 7919 " HTTP/1.1 200 okhttp/4.12.0")
                        if (i %% 500 == 499) { fflush(); system("usleep 40000") }
                    }
                }'
            }
            lines %1$d & lines %2$d >&2 & wait
            printf '%%d %%s' %1$d 'the last words, without a newline'
            """.formatted(out, err);
    }

    private static String crashing() {
        return """
            awk 'BEGIN { for (i = 0; i < %d; i++) print i, "working on it" }'
            echo '0 panic: that was one too many' >&2
            exit 2
            """.formatted(CRASH_LINES);
    }

    private static String job() {
        return """
            awk 'BEGIN { for (i = 0; i < %d; i++) print i, "of 300 rows migrated" }'
            """.formatted(JOB_LINES);
    }

    /** Writes on for some seconds. */
    private static String slow() {
        return """
            i=0
            while [ $i -lt %d ]; do echo "$i still here"; i=$((i + 1)); sleep 0.1; done
            """.formatted(SLOW_LINES);
    }
}
