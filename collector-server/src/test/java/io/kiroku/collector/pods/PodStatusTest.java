package io.kiroku.collector.pods;

import static io.kiroku.collector.pods.ToldPods.ended;
import static io.kiroku.collector.pods.ToldPods.init;
import static io.kiroku.collector.pods.ToldPods.pod;
import static io.kiroku.collector.pods.ToldPods.running;
import static io.kiroku.collector.pods.ToldPods.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The words of {@code kubectl get pods}. */
class PodStatusTest {
    private static String status(String phase, Instance... instances) {
        return PodStatus.of(pod("web", "u1", phase, instances));
    }

    @Test
    void containersSayWhatThePodDoes() {
        assertThat(status("Pending")).isEqualTo("Pending");
        assertThat(status("Running", running("app", 0, 1))).isEqualTo("Running");
        assertThat(status("Running", ended("app", 0, 1, 2, 1, "Error"), waiting("app", 1, "CrashLoopBackOff")))
                .isEqualTo("CrashLoopBackOff");
        assertThat(status("Pending", waiting("app", 0, "ImagePullBackOff"))).isEqualTo("ImagePullBackOff");
        assertThat(status("Running", ended("app", 0, 1, 2, 137, "OOMKilled"))).isEqualTo("OOMKilled");
        assertThat(status("Failed", ended("app", 0, 1, 2, 3, ""))).isEqualTo("ExitCode:3");
        assertThat(status("Succeeded", ended("app", 0, 1, 2, 0, "Completed"))).isEqualTo("Completed");
        assertThat(status("Running", ended("a", 0, 1, 2, 0, "Completed"), running("b", 0, 1)))
                .isEqualTo("Running");
        assertThat(status("Running", ended("a", 0, 1, 2, 1, "Error"), running("b", 0, 1)))
                .isEqualTo("Error");
    }

    @Test
    void whatComesBeforeTheContainersIsToldFirst() {
        assertThat(status(
                        "Pending",
                        init("one", Instance.State.TERMINATED, 0, "Completed"),
                        init("two", Instance.State.RUNNING, 0, ""),
                        waiting("app", 0, "PodInitializing")))
                .isEqualTo("Init:1/2");
        assertThat(status(
                        "Pending",
                        init("one", Instance.State.TERMINATED, 2, "Error"),
                        waiting("app", 0, "PodInitializing")))
                .isEqualTo("Init:Error");
        assertThat(status(
                        "Pending",
                        init("one", Instance.State.WAITING, 0, "ImagePullBackOff"),
                        waiting("app", 0, "PodInitializing")))
                .isEqualTo("Init:ImagePullBackOff");
        assertThat(status("Running", init("sidecar", Instance.State.RUNNING, 0, ""), running("app", 0, 1)))
                .isEqualTo("Running");
    }

    @Test
    void whatHappenedToThePodAsAWholeCountsMore() {
        Pod running = pod("web", "u1", "Running", running("app", 0, 1));
        assertThat(PodStatus.of(ToldPods.but(running, Optional.of(ToldPods.START), Optional.empty(), "")))
                .isEqualTo("Terminating");
        assertThat(PodStatus.of(ToldPods.but(running, Optional.of(ToldPods.START), Optional.empty(), "NodeLost")))
                .isEqualTo("Unknown");
        assertThat(PodStatus.of(ToldPods.gone(running, 5))).isEqualTo("Deleted");
        Pod failed = pod("web", "u1", "Failed");
        Pod evicted = ToldPods.but(failed, Optional.empty(), Optional.empty(), "Evicted");
        assertThat(PodStatus.of(evicted)).isEqualTo("Evicted");
        assertThat(PodStatus.of(ToldPods.gone(evicted, 5))).isEqualTo("Evicted");
    }
}
