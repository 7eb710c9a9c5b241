package io.kiroku.collector.cluster.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.kiroku.collector.pods.Instance;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kubelet reports, as it does. */
class PodReportsTest {
    private static List<Instance> instances(String status) {
        Pod pod = Serialization.unmarshal(PodJson.pod("web", "u-1", "", status), Pod.class);
        return PodReports.report(pod, List.of()).instances();
    }

    private static String states(String state, String last) {
        return "\"state\":%s,\"lastState\":%s".formatted(state, last);
    }

    @Test
    void theLifeBeforeHasTheNumberBefore() {
        assertThat(instances(
                        PodJson.status("Running", 2, states("{\"running\":{}}", PodJson.terminated(137, "OOMKilled")))))
                .extracting(Instance::restart, Instance::state, Instance::reason)
                .containsExactly(
                        tuple(1, Instance.State.TERMINATED, "OOMKilled"), tuple(2, Instance.State.RUNNING, ""));
    }

    @Test
    void whileAContainerIsHeldBackTheCountIsThatOfTheLifeThatEnded() {
        assertThat(instances(PodJson.status(
                        "Running",
                        2,
                        states("{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}", PodJson.terminated(1, "Error")))))
                .extracting(Instance::restart, Instance::state, Instance::reason)
                .containsExactly(
                        tuple(2, Instance.State.TERMINATED, "Error"),
                        tuple(3, Instance.State.WAITING, "CrashLoopBackOff"));
    }

    @Test
    void aLifeThatWasLostWithItsContainerIsTheOneBefore() {
        assertThat(instances(PodJson.status(
                        "Running",
                        1,
                        states(
                                "{\"waiting\":{\"reason\":\"ContainerCreating\"}}",
                                PodJson.terminated(137, "ContainerStatusUnknown")))))
                .extracting(Instance::restart, Instance::state)
                .containsExactly(tuple(0, Instance.State.TERMINATED), tuple(1, Instance.State.WAITING));
    }

    @Test
    void whatAsksForAnImageIsThePodAndWhatRanIsTheStatus() {
        assertThat(instances(PodJson.running(0))).singleElement().satisfies(instance -> {
            assertThat(instance.image()).isEqualTo("web:1");
            assertThat(instance.imageId()).isEqualTo("web@sha256:12");
            assertThat(instance.started()).contains(Instant.parse("2026-03-01T10:00:00Z"));
        });
    }

    @Test
    void aStaticPodHasTheUidOfItsLogs() {
        Pod pod = Serialization.unmarshal(
                PodJson.pod("etcd", "u-1", ",\"annotations\":{\"kubernetes.io/config.mirror\":\"9a8b\"}", ""),
                Pod.class);
        assertThat(PodReports.report(pod, List.of()).uid()).isEqualTo("u-1");
        assertThat(PodReports.report(pod, List.of()).logUid()).isEqualTo("9a8b");
    }

    @Test
    void whatIsMissingOrTooLongIsNoTrouble() {
        Pod bare = Serialization.unmarshal(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\"}}", Pod.class);
        assertThat(PodReports.report(bare, List.of()).phase()).isEqualTo("Unknown");
        Pod odd = Serialization.unmarshal(
                PodJson.pod(
                        "web",
                        "u-1",
                        "",
                        "\"message\":\"" + "\u3042".repeat(100_000)
                                + "\",\"containerStatuses\":[{},{\"restartCount\":-5,\"state\":{\"terminated\":{}}}]"),
                Pod.class);
        assertThat(PodReports.report(odd, List.of()).message()).hasSize(PodReports.MOST_MESSAGE);
        assertThat(PodReports.report(odd, List.of()).instances())
                .extracting(Instance::restart, Instance::state)
                .containsExactly(tuple(0, Instance.State.WAITING), tuple(0, Instance.State.TERMINATED));
        assertThat(PodReports.time("0001-01-01T00:00:00Z")).isEmpty();
        assertThat(PodReports.time("yesterday")).isEmpty();
        assertThat(PodReports.text("a\ud83d\ude00", 2)).isEqualTo("a");
    }
}
