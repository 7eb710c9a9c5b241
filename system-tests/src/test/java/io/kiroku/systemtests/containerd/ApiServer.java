package io.kiroku.systemtests.containerd;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/** A pretend API server, which keeps what it is told, and what kubelet and controllers tell it of pods that really run. */
final class ApiServer implements AutoCloseable {
    static final String DEPLOYMENT = "web";
    static final String NODE = "node-a";

    private static final String REPLICA_SET = DEPLOYMENT + "-7d9f8c6b5";
    private static final String IMAGE = "registry.example/web:1";
    private static final String IMAGE_ID = "registry.example/web@sha256:0123456789abcdef0123456789abcdef";

    private final KubernetesMockServer server = new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    private final NamespacedKubernetesClient client;
    private final Path kubeconfig;
    private String replicaSet = "";
    private int events;

    /** @param directory for a kubeconfig */
    ApiServer(Path directory) throws IOException {
        server.init();
        client = server.createClient();
        kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
            apiVersion: v1
            kind: Config
            clusters: [{name: pretend, cluster: {server: "http://127.0.0.1:%d"}}]
            users: [{name: pretend, user: {token: pretend}}]
            contexts: [{name: pretend, context: {cluster: pretend, user: pretend}}]
            current-context: pretend
            """.formatted(server.getPort()));
    }

    /** Names the server, for a client's environment. */
    Path kubeconfig() {
        return kubeconfig;
    }

    /** There is a Deployment with its ReplicaSet. */
    void deploy(String namespace) {
        Deployment deployment = client.apps()
                .deployments()
                .inNamespace(namespace)
                .resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(DEPLOYMENT)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        replicaSet = client.apps()
                .replicaSets()
                .inNamespace(namespace)
                .resource(new ReplicaSetBuilder()
                        .withNewMetadata()
                        .withName(REPLICA_SET)
                        .withNamespace(namespace)
                        .withOwnerReferences(controller(deployment))
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getUid();
    }

    private static OwnerReference controller(Deployment deployment) {
        return new OwnerReferenceBuilder()
                .withApiVersion("apps/v1")
                .withKind("Deployment")
                .withName(deployment.getMetadata().getName())
                .withUid(deployment.getMetadata().getUid())
                .withController(true)
                .build();
    }

    /** The name of a pod of the Deployment. */
    static String podName() {
        return REPLICA_SET + "-x2x4z";
    }

    /** A pod of the Deployment was made. Returns its uid. */
    String created(String namespace) {
        return client.pods()
                .inNamespace(namespace)
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(podName())
                        .withNamespace(namespace)
                        .withLabels(Map.of("app", DEPLOYMENT))
                        .withCreationTimestamp(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .addNewOwnerReference()
                        .withApiVersion("apps/v1")
                        .withKind("ReplicaSet")
                        .withName(REPLICA_SET)
                        .withUid(replicaSet)
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(NODE)
                        .addNewContainer()
                        .withName("app")
                        .withImage(IMAGE)
                        .endContainer()
                        .endSpec()
                        .withNewStatus()
                        .withPhase("Pending")
                        .endStatus()
                        .build())
                .create()
                .getMetadata()
                .getUid();
    }

    /** It was given to the node. */
    void scheduled(RealPod pod) {
        event(
                pod,
                "Normal",
                "Scheduled",
                "Successfully assigned %s/%s to %s".formatted(pod.namespace(), pod.name(), NODE));
    }

    /** The kubelet reports that it has exited, and waits before it starts it again. */
    void crashed(RealContainer container, String reason) throws IOException {
        Cri.Exit exit = container.exit();
        report(
                container.pod(),
                new ContainerStatusBuilder()
                        .withName(container.name())
                        .withImage(IMAGE)
                        .withImageID(IMAGE_ID)
                        .withRestartCount(container.restarts())
                        .withReady(false)
                        .withState(new ContainerStateBuilder()
                                .withNewWaiting("back-off 10s restarting failed container", "CrashLoopBackOff")
                                .build())
                        .withLastState(terminated(exit, reason))
                        .build());
        event(container.pod(), "Warning", "BackOff", "Back-off restarting failed container " + container.name());
    }

    /** In whole seconds, as the kubelet has it. */
    private static ContainerState terminated(Cri.Exit exit, String reason) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exit.code())
                .withReason(reason)
                .withStartedAt(exit.started().truncatedTo(ChronoUnit.SECONDS).toString())
                .withFinishedAt(exit.finished().truncatedTo(ChronoUnit.SECONDS).toString())
                .endTerminated()
                .build();
    }

    private void report(RealPod pod, ContainerStatus status) {
        client.pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .editStatus((Pod known) -> new PodBuilder(known)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .withContainerStatuses(status)
                        .endStatus()
                        .build());
    }

    private void event(RealPod pod, String type, String reason, String note) {
        String name = "%s.%d".formatted(pod.name(), events++);
        client.events()
                .v1()
                .events()
                .inNamespace(pod.namespace())
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(pod.namespace())
                        .withUid("event-" + name)
                        .endMetadata()
                        .withEventTime(new MicroTime(
                                Instant.now().truncatedTo(ChronoUnit.MICROS).toString()))
                        .withType(type)
                        .withReason(reason)
                        .withAction("test")
                        .withNote(note)
                        .withReportingController("kubelet")
                        .withReportingInstance(NODE)
                        .withNewRegarding()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withNamespace(pod.namespace())
                        .withName(pod.name())
                        .withUid(pod.uid())
                        .endRegarding()
                        .build())
                .create();
    }

    /** The pod is no more. */
    void deleted(RealPod pod) {
        client.pods().inNamespace(pod.namespace()).withName(pod.name()).delete();
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
