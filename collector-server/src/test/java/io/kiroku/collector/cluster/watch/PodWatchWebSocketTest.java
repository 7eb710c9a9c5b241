package io.kiroku.collector.cluster.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.Preservation;
import io.kiroku.collector.pods.PreservationRules;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the client's own pretended API server, which is watched through WebSockets, as real ones are. */
class PodWatchWebSocketTest {
    @TempDir
    Path data;

    @Test
    void aStaticPodComesFailsAndGoes() throws Exception {
        KubernetesMockServer server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        server.init();
        PodTable table = new PodTable();
        try (NamespacedKubernetesClient client = server.createClient();
                ClusterRecord record = new ClusterRecord(data);
                PodWatch watch = PodWatch.start(
                        new KubernetesClientBuilder()
                                .withConfig(PodWatch.once(client.getConfiguration()))
                                .build(),
                        record.reader(),
                        record,
                        table,
                        PreservationRules.ofDefault(),
                        WatchTimes.USUAL,
                        InstantSource.system(),
                        System::nanoTime)) {
            Patiently.await(
                    "the watch",
                    () -> watch.states().containsKey("pods")
                            && watch.states().get("pods").holds());
            String mirror = ",\"annotations\":{\"kubernetes.io/config.mirror\":\"9a8b\"}";
            client.resource(Serialization.unmarshal(
                            PodJson.pod("etcd-a", "u-1", mirror, PodJson.running(0)), Pod.class))
                    .create();
            Patiently.await("the pod", () -> table.ofLogs("9a8b").isPresent());
            String uid = table.ofLogs("9a8b").orElseThrow().uid();
            client.resource(Serialization.unmarshal(
                            PodJson.pod(
                                    "etcd-a",
                                    uid,
                                    mirror,
                                    PodJson.status("Running", 0, "\"state\":" + PodJson.terminated(2, "Error"))),
                            Pod.class))
                    .update();
            client.pods().inNamespace("shop").withName("etcd-a").delete();
            Patiently.await(
                    "the end",
                    () -> table.ofLogs("9a8b")
                            .filter(pod -> pod.gone().isPresent())
                            .isPresent());
            assertThat(table.preservationsOf(uid))
                    .extracting(Preservation::cause)
                    .contains(Preservation.Cause.CRASHED, Preservation.Cause.DELETED);
        } finally {
            server.destroy();
        }
    }
}
