package io.kiroku.systemtests.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What agent and collector may do in a cluster, and what not. */
final class ChartSecurityTest {
    private PretendCluster cluster;
    private List<Map<String, Object>> objects = List.of();

    @BeforeEach
    void render() throws IOException {
        cluster = new PretendCluster();
        objects = Chart.objects(Map.of());
    }

    @AfterEach
    void endCluster() {
        cluster.close();
    }

    @Test
    void agentIsRootWithoutPrivileges() {
        PodSpec pod = agent().getSpec().getTemplate().getSpec();
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getHostPID()).isNull();
        assertThat(pod.getHostIPC()).isNull();
        assertThat(pod.getSecurityContext().getRunAsUser()).isZero();
        assertConfined(pod, "DAC_READ_SEARCH", "FOWNER");
        assertThat(pod.getVolumes().stream()
                        .map(Volume::getHostPath)
                        .filter(Objects::nonNull)
                        .map(HostPathVolumeSource::getPath))
                .containsExactlyInAnyOrder("/var/log", "/run/log", "/var/lib/kiroku", "/run/kiroku");
    }

    @Test
    void agentCanDoWithoutAnyCapability() {
        objects = Chart.objects(Map.of("agent.capabilities", "null"));
        assertConfined(agent().getSpec().getTemplate().getSpec());
    }

    @Test
    void agentIsKnownToNoApiServerAndListensOnLoopbackOnly() {
        PodSpec pod = agent().getSpec().getTemplate().getSpec();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(objects.stream()
                        .filter(object -> String.valueOf(object.get("kind")).endsWith("Binding"))
                        .map(Object::toString))
                .noneMatch(binding -> binding.contains("kiroku-agent"));
        assertThat(Chart.arguments(Chart.find(objects, "DaemonSet", "-agent"))).contains("--metrics=127.0.0.1:4490");
        assertThat(pod.getContainers().getFirst().getPorts()).isEmpty();
        NetworkPolicy policy = (NetworkPolicy) Chart.kubernetes(Chart.find(objects, "NetworkPolicy", "-agent"));
        assertThat(policy.getSpec().getIngress()).isEmpty();
        assertThat(policy.getSpec().getPolicyTypes()).contains("Ingress", "Egress");
    }

    @Test
    void agentIsOnEveryNodeAndStaysThere() {
        PodSpec pod = agent().getSpec().getTemplate().getSpec();
        assertThat(pod.getPriorityClassName()).isEqualTo("system-node-critical");
        assertThat(pod.getTolerations()).singleElement().satisfies(toleration -> {
            assertThat(toleration.getOperator()).isEqualTo("Exists");
            assertThat(toleration.getKey()).isNull();
            assertThat(toleration.getEffect()).isNull();
        });
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(30);
    }

    @Test
    void collectorIsNobodyAndMayOnlyAskWhoAsksAndWatchPods() {
        PodSpec pod = collector().getSpec().getTemplate().getSpec();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
        assertConfined(pod);
        assertThat(pod.getVolumes().stream().map(Volume::getHostPath)).containsOnlyNulls();
        ClusterRole role = (ClusterRole) Chart.kubernetes(Chart.find(objects, "ClusterRole", "-collector"));
        assertThat(role.getRules()).allSatisfy(rule -> {
            boolean asks = rule.getResources().contains("tokenreviews")
                    || rule.getResources().contains("subjectaccessreviews");
            assertThat(rule.getVerbs()).isEqualTo(asks ? List.of("create") : List.of("list", "watch"));
        });
        assertThat(role.getRules().stream().flatMap(rule -> rule.getResources().stream()))
                .containsExactlyInAnyOrder(
                        "tokenreviews", "subjectaccessreviews", "pods", "events", "events", "replicasets", "jobs");
    }

    /** What it shows is good for the collector alone, and it shows it to nobody else. */
    @Test
    void agentIsEnrolledByTheTokenOfItsPod() {
        PodSpec pod = agent().getSpec().getTemplate().getSpec();
        List<String> arguments = Chart.arguments(Chart.find(objects, "DaemonSet", "-agent"));
        assertThat(arguments)
                .contains(
                        "--enroll-token=/etc/kiroku/token/token",
                        "--enroll-ca=/etc/kiroku/collector/ca.crt",
                        "--node=$(NODE_NAME)")
                .noneMatch(argument -> argument.startsWith("--tls="));
        assertThat(volume(pod, "token").getProjected().getSources())
                .singleElement()
                .satisfies(source -> {
                    assertThat(source.getServiceAccountToken().getAudience()).isEqualTo("kiroku-collector");
                    assertThat(source.getServiceAccountToken().getPath()).isEqualTo("token");
                });
        assertThat(volume(pod, "collector").getSecret().getItems())
                .as("of the collector's Secret")
                .singleElement()
                .satisfies(item -> assertThat(item.getKey()).isEqualTo("ca.crt"));
        assertThat(Chart.arguments(Chart.find(objects, "StatefulSet", "-collector")))
                .contains("--enroll", "--enroll-account=flight:kiroku-agent", "--tls=/etc/kiroku/tls");
        Role role = (Role) Chart.kubernetes(Chart.find(objects, "Role", "-collector"));
        assertThat(role.getMetadata().getNamespace()).isEqualTo(Chart.NAMESPACE);
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getResources()).containsExactly("pods");
            assertThat(rule.getVerbs()).containsExactly("get");
        });
    }

    @Test
    void agentIsEnrolledByACode() {
        objects = Chart.objects(Map.of("enrolment.by", "code", "enrolment.codesSecret", "codes"));
        PodSpec pod = agent().getSpec().getTemplate().getSpec();
        assertThat(Chart.arguments(Chart.find(objects, "DaemonSet", "-agent")))
                .contains("--enroll=/etc/kiroku/codes/$(NODE_NAME)", "--enroll-ca=/etc/kiroku/collector/ca.crt")
                .noneMatch(argument -> argument.startsWith("--enroll-token") || argument.startsWith("--tls="));
        assertThat(volume(pod, "codes").getSecret().getSecretName()).isEqualTo("codes");
        assertThat(volume(pod, "codes").getSecret().getOptional()).isTrue();
        assertThat(Chart.arguments(Chart.find(objects, "StatefulSet", "-collector")))
                .contains("--enroll")
                .noneMatch(argument -> argument.startsWith("--enroll-account"));
        assertThat(objects.stream()
                        .filter(object -> "Role".equals(object.get("kind")))
                        .map(Chart::name))
                .as("the collector looks no pods up")
                .noneMatch(name -> name.endsWith("-collector"));
    }

    private static Volume volume(PodSpec pod, String name) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void collectorThatWatchesNoClusterMayOnlyAskWhoAsks() {
        objects = Chart.objects(Map.of("collector.cluster.enabled", "false"));
        ClusterRole role = (ClusterRole) Chart.kubernetes(Chart.find(objects, "ClusterRole", "-collector"));
        assertThat(role.getRules().stream().flatMap(rule -> rule.getResources().stream()))
                .containsExactlyInAnyOrder("tokenreviews", "subjectaccessreviews");
        assertThat(Chart.arguments(Chart.find(objects, "StatefulSet", "-collector")))
                .noneMatch(argument -> argument.startsWith("--cluster"));
    }

    @Test
    void collectorThatAsksNothingOfTheClusterHasNoToken() {
        objects = Chart.objects(Map.of(
                "collector.access.kubernetes",
                "false",
                "collector.access.tokensSecret",
                "callers",
                "enrolment.by",
                "none",
                "collector.cluster.enabled",
                "false"));
        assertThat(collector().getSpec().getTemplate().getSpec().getAutomountServiceAccountToken())
                .isFalse();
        assertThat(objects.stream().map(object -> object.get("kind"))).doesNotContain("ClusterRole");
    }

    @Test
    void evidenceOutlivesTheRelease() {
        assertThat(collector()
                        .getSpec()
                        .getPersistentVolumeClaimRetentionPolicy()
                        .getWhenDeleted())
                .isEqualTo("Retain");
        assertThat(collector().getSpec().getReplicas()).isOne();
    }

    private DaemonSet agent() {
        return (DaemonSet) Chart.kubernetes(Chart.find(objects, "DaemonSet", "-agent"));
    }

    private StatefulSet collector() {
        return (StatefulSet) Chart.kubernetes(Chart.find(objects, "StatefulSet", "-collector"));
    }

    private static void assertConfined(PodSpec pod, String... capabilities) {
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        Container container = pod.getContainers().getFirst();
        SecurityContext context = container.getSecurityContext();
        assertThat(pod.getContainers()).hasSize(1);
        assertThat(context.getPrivileged()).isFalse();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getCapabilities().getAdd()).containsExactlyInAnyOrder(capabilities);
        assertThat(container.getResources().getLimits()).containsKey("memory");
        assertThat(container.getResources().getRequests()).containsKeys("memory", "cpu");
    }
}
