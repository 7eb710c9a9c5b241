package io.kiroku.collector.cluster.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kiroku.collector.pods.ClusterEvent;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.Instance;
import io.kiroku.collector.pods.Observation;
import io.kiroku.collector.pods.Owner;
import io.kiroku.collector.pods.Pod;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.Preservation;
import io.kiroku.collector.pods.PreservationRules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With an API server that forgets, goes away and comes back, and a record in a real store. */
class PodWatchTest {
    private static final WatchTimes TIMES = new WatchTimes(
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(30));

    @TempDir
    Path data;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T10:00:00Z"));
    private final InstantSource clock = now::get;
    private PretendApiServer server;
    private ClusterRecord record;
    private PodTable table;
    private PodWatch watch;

    @BeforeEach
    void start() throws Exception {
        server = new PretendApiServer();
        record = new ClusterRecord(data);
        watch();
    }

    @AfterEach
    void stop() {
        watch.close();
        record.close();
        server.close();
    }

    private void watch() throws Exception {
        table = new PodTable();
        Config config = PodWatch.once(
                new ConfigBuilder(Config.empty()).withMasterUrl(server.url()).build());
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        watch = PodWatch.start(
                client, record.reader(), record, table, PreservationRules.ofDefault(), TIMES, clock, System::nanoTime);
    }

    private boolean holds(String kind) {
        PodWatch.WatchState state = watch.states().get(kind);
        return state != null && state.holds();
    }

    private void awaitHold() throws Exception {
        for (String kind : new String[] {"pods", "events", "replicasets", "jobs"}) {
            Patiently.await("the watch of " + kind, () -> holds(kind));
        }
    }

    private Pod awaitPod(String uid, java.util.function.Predicate<Pod> condition) throws Exception {
        Patiently.await("pod " + uid, () -> table.pod(uid).filter(condition).isPresent());
        return table.pod(uid).orElseThrow();
    }

    private void put(String name, String uid, String status) throws Exception {
        server.put(PretendApiServer.PODS, PodJson.pod(name, uid, "", status));
    }

    /** What is on record gives the same table. */
    private void assertRecorded() throws Exception {
        PodTable read = new PodTable();
        assertThat(ClusterSource.read(record.reader(), read).inWords()).isEmpty();
        assertThat(read.pods()).isEqualTo(table.pods());
        for (Pod pod : table.pods()) {
            assertThat(read.preservationsOf(pod.uid())).isEqualTo(table.preservationsOf(pod.uid()));
            assertThat(read.eventsOf(pod.uid())).isEqualTo(table.eventsOf(pod.uid()));
        }
        assertThat(read.watches()).isEqualTo(table.watches());
    }

    @Test
    void theLifeOfAPod() throws Exception {
        awaitHold();
        put("web", "u-1", "\"phase\":\"Pending\"");
        awaitPod("u-1", pod -> pod.phase().equals("Pending"));
        put("web", "u-1", PodJson.running(0));
        awaitPod("u-1", pod -> pod.phase().equals("Running"));
        server.put(PretendApiServer.REPLICA_SETS, PodJson.replicaSet("web-7d4f", "rs-1", "web"));
        awaitPod("u-1", pod -> pod.owners().size() == 2);
        // Two reports may be one when they are put on record: no life is lost by that.
        put("web", "u-1", PodJson.status("Running", 0, "\"state\":" + PodJson.terminated(1, "Error")));
        put(
                "web",
                "u-1",
                PodJson.status(
                        "Running", 1, "\"state\":{\"running\":{}},\"lastState\":" + PodJson.terminated(1, "Error")));
        put(
                "web",
                "u-1",
                PodJson.status(
                        "Running",
                        1,
                        "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}},\"lastState\":"
                                + PodJson.terminated(137, "OOMKilled")));
        put(
                "web",
                "u-1",
                PodJson.status(
                        "Running",
                        2,
                        "\"state\":{\"running\":{}},\"lastState\":" + PodJson.terminated(137, "OOMKilled")));
        put(
                "web",
                "u-1",
                PodJson.status(
                        "Running",
                        2,
                        "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}},\"lastState\":"
                                + PodJson.terminated(2, "Error")));
        server.put(PretendApiServer.EVENTS, PodJson.event("web.1", "BackOff", "u-1", 3));
        server.put(PretendApiServer.EVENTS, PodJson.event("web.1", "BackOff", "u-1", 4));
        server.put(
                PretendApiServer.PODS,
                PodJson.pod(
                        "web",
                        "u-1",
                        ",\"deletionTimestamp\":\"2026-03-01T10:05:00Z\"",
                        PodJson.status("Running", 2, "\"state\":" + PodJson.terminated(2, "Error"))));
        server.delete(PretendApiServer.PODS, "shop", "web");
        Pod pod = awaitPod("u-1", seen -> seen.gone().isPresent());
        Patiently.await("the event", () -> table.eventsOf("u-1").stream().anyMatch(event -> event.count() == 4));
        assertThat(pod.owners()).containsExactly(new Owner("ReplicaSet", "web-7d4f"), new Owner("Deployment", "web"));
        assertThat(pod.deletion()).contains(Instant.parse("2026-03-01T10:05:00Z"));
        assertThat(pod.goneInWords()).isEqualTo("its deletion was seen at " + now.get());
        assertThat(pod.instances())
                .extracting(Instance::restart, Instance::state, Instance::reason)
                .containsExactly(
                        tuple(0, Instance.State.TERMINATED, "Error"),
                        tuple(1, Instance.State.TERMINATED, "OOMKilled"),
                        tuple(2, Instance.State.TERMINATED, "Error"),
                        tuple(3, Instance.State.WAITING, "CrashLoopBackOff"));
        assertThat(table.eventsOf("u-1")).singleElement().satisfies(event -> {
            assertThat(event)
                    .extracting(ClusterEvent::reason, ClusterEvent::component, ClusterEvent::kind)
                    .containsExactly("BackOff", "kubelet", "Pod");
            assertThat(event.first()).isEqualTo(Instant.parse("2026-03-01T10:00:03Z"));
        });
        assertThat(table.preservationsOf("u-1"))
                .extracting(Preservation::restart, Preservation::cause)
                .containsExactlyInAnyOrder(
                        tuple(0, Preservation.Cause.CRASHED),
                        tuple(1, Preservation.Cause.OOM_KILLED),
                        tuple(2, Preservation.Cause.CRASHED),
                        tuple(0, Preservation.Cause.DELETED));
        assertThat(table.preservationsOf("u-1"))
                .allSatisfy(mark ->
                        assertThat(Duration.between(mark.since(), mark.until())).isEqualTo(Duration.ofDays(30)));
        assertRecorded();
    }

    @Test
    void whoForgetsLosesNoDeletion() throws Exception {
        put("stays", "u-stays", PodJson.running(0));
        put("goes", "u-goes", PodJson.running(0));
        put("again", "u-again", PodJson.running(0));
        awaitHold();
        awaitPod("u-goes", pod -> true);
        awaitPod("u-again", pod -> true);
        Instant before = now.get();
        now.set(before.plusSeconds(60));
        server.stop();
        Patiently.await("the break", () -> !holds("pods"));
        server.delete(PretendApiServer.PODS, "shop", "goes");
        server.delete(PretendApiServer.PODS, "shop", "again");
        // A pod of a StatefulSet comes again under its name, and is another.
        put("again", "u-another", PodJson.running(0));
        server.forget();
        now.set(before.plusSeconds(300));
        server.start();
        Pod gone = awaitPod("u-goes", pod -> pod.gone().isPresent());
        assertThat(gone.gone()).contains(before.plusSeconds(300));
        assertThat(gone.missedSince())
                .hasValueSatisfying(since -> assertThat(since).isBetween(before, before.plusSeconds(60)));
        assertThat(gone.goneInWords()).contains("when it was deleted in between is not known");
        awaitPod("u-again", pod -> pod.gone().isPresent());
        awaitPod("u-another", pod -> pod.gone().isEmpty());
        assertThat(table.there()).containsExactlyInAnyOrder("u-stays", "u-another");
        awaitHold();
        Patiently.await("the record", () -> table.watches().size() == 3);
        assertThat(table.watches()).extracting(Observation.Watch::holds).containsExactly(true, false, true);
        assertThat(watch.states().get("pods").lists()).isEqualTo(2);
        assertRecorded();
    }

    @Test
    void aWatchThatEndsGoesOnWhereItWas() throws Exception {
        awaitHold();
        for (int i = 0; i < 20; i++) {
            put("web-" + i, "u-" + i, PodJson.running(0));
            server.cut();
            put("later-" + i, "l-" + i, PodJson.running(0));
            server.delete(PretendApiServer.PODS, "shop", "web-" + i);
        }
        for (int i = 0; i < 20; i++) {
            awaitPod("u-" + i, pod -> pod.gone().isPresent());
            awaitPod("l-" + i, pod -> true);
        }
        assertThat(server.lists(PretendApiServer.PODS)).isEqualTo(1);
        assertThat(table.watches()).hasSize(1);
    }

    @Test
    void whatHappenedWhileNoCollectorRanIsSeen() throws Exception {
        put("stays", "u-stays", PodJson.running(0));
        put("goes", "u-goes", PodJson.status("Running", 0, "\"state\":" + PodJson.terminated(1, "Error")));
        awaitHold();
        awaitPod("u-goes", pod -> !table.preservationsOf(pod.uid()).isEmpty());
        awaitPod("u-stays", pod -> true);
        watch.close();
        long lines = record.lines();
        Instant before = now.get();
        server.delete(PretendApiServer.PODS, "shop", "goes");
        now.set(before.plusSeconds(3600));
        watch();
        Pod gone = awaitPod("u-goes", pod -> pod.gone().isPresent());
        assertThat(gone.gone()).contains(before.plusSeconds(3600));
        assertThat(gone.missedSince()).contains(before);
        awaitHold();
        Patiently.await("the record", () -> table.watches().size() == 3);
        assertThat(table.watches()).extracting(Observation.Watch::holds).containsExactly(true, false, true);
        assertThat(table.preservationsOf("u-goes"))
                .extracting(Preservation::cause)
                .containsExactly(Preservation.Cause.CRASHED, Preservation.Cause.DELETED);
        // Nothing that was on record is put there again: a pod that is gone, a mark, the watch.
        assertThat(record.lines() - lines).isEqualTo(3);
        assertRecorded();
    }

    @Test
    void anApiServerThatIsAwayAtTheStartIsAwaited() throws Exception {
        watch.close();
        server.stop();
        watch();
        Patiently.await("the sentence", () -> table.watches().stream().anyMatch(seen -> !seen.holds()));
        put("web", "u-1", PodJson.running(0));
        server.start();
        awaitPod("u-1", pod -> true);
        awaitHold();
        assertThat(table.watches().getLast().sentence()).isNotEmpty();
    }

    @Test
    void anApiServerWithoutTheNewerEventsHasTheOlderOnes() throws Exception {
        watch.close();
        server.doesNotKnow(PretendApiServer.EVENTS);
        server.put(PretendApiServer.OLDER_EVENTS, """
            {"apiVersion":"v1","kind":"Event","metadata":{"namespace":"shop","name":"e","uid":"e-1"},
            "involvedObject":{"kind":"Pod","name":"web","namespace":"shop","uid":"u-1"},"reason":"Killing","message":"m",
            "type":"Normal","count":2,"source":{"component":"kubelet"},"firstTimestamp":"2026-03-01T10:00:03Z",
            "lastTimestamp":"2026-03-01T10:00:05Z"}\
            """);
        watch();
        Patiently.await("the event", () -> !table.eventsOf("u-1").isEmpty());
        assertThat(table.eventsOf("u-1"))
                .containsExactly(new ClusterEvent(
                        "e-1",
                        Instant.parse("2026-03-01T10:00:03Z"),
                        Instant.parse("2026-03-01T10:00:05Z"),
                        2,
                        "Normal",
                        "Killing",
                        "m",
                        "kubelet",
                        "Pod",
                        "shop",
                        "web",
                        "u-1"));
    }

    @Test
    void aRecordThatFailsLosesNoLife() throws Exception {
        awaitHold();
        record.fails(true);
        for (int restart = 0; restart < 5; restart++) {
            put(
                    "web",
                    "u-1",
                    PodJson.status("Running", restart, "\"state\":" + PodJson.terminated(restart + 1, "Error")));
        }
        Patiently.await("a failure", () -> record.failures() > 0);
        server.delete(PretendApiServer.PODS, "shop", "web");
        assertThat(table.pod("u-1")).isEmpty();
        record.fails(false);
        Pod pod = awaitPod("u-1", seen -> seen.gone().isPresent());
        assertThat(pod.instances()).extracting(Instance::restart).containsExactly(0, 1, 2, 3, 4);
        assertThat(table.preservationsOf("u-1")).hasSize(6);
        assertRecorded();
    }
}
