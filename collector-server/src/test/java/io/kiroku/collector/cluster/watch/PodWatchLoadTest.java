package io.kiroku.collector.cluster.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.PreservationRules;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A large cluster: 10,000 pods, 200 changes of pods and events in a second, pods that come and go, and an API server that goes away
 * and forgets. {@code -Dkiroku.full=true} takes minutes.
 */
class PodWatchLoadTest {
    private static final int PODS = 10_000;
    private static final int EACH_SECOND = 200;
    private static final Duration TIME =
            Boolean.getBoolean("kiroku.full") ? Duration.ofMinutes(5) : Duration.ofSeconds(6);

    /** What may be left in the heap, the pretended API server with its objects included. */
    private static final long MOST_HEAP = 200L << 20;

    @TempDir
    Path data;

    private final Set<String> there = new HashSet<>();
    private long made;

    private void make(PretendApiServer server) throws Exception {
        long number = made++;
        server.put(PretendApiServer.PODS, PodJson.pod("web-" + number, "u-" + number, "", PodJson.running(0)));
        there.add("u-" + number);
    }

    private void change(PretendApiServer server, long number) throws Exception {
        long pod = (number * 7919) % made;
        String uid = "u-" + pod;
        switch ((int) (number % 10)) {
            case 0 -> {
                if (there.remove(uid)) {
                    server.delete(PretendApiServer.PODS, "shop", "web-" + pod);
                    make(server);
                }
            }
            case 1, 2 -> {
                if (there.contains(uid)) {
                    int restart = (int) (number % 9);
                    server.put(PretendApiServer.PODS, PodJson.pod("web-" + pod, uid, "", PodJson.running(restart)));
                }
            }
            default ->
                server.put(
                        PretendApiServer.EVENTS, PodJson.event("e-" + number % 5000, "BackOff", uid, (int) number + 1));
        }
        server.trim(20_000);
    }

    @Test
    void noDeletionIsMissedAndMemoryIsBounded() throws Exception {
        PodTable table = new PodTable();
        try (PretendApiServer server = new PretendApiServer();
                ClusterRecord record = new ClusterRecord(data)) {
            server.put(PretendApiServer.REPLICA_SETS, PodJson.replicaSet("web-7d4f", "rs-1", "web"));
            while (made < PODS) {
                make(server);
            }
            server.forget();
            Config config = PodWatch.once(new ConfigBuilder(Config.empty())
                    .withMasterUrl(server.url())
                    .build());
            long began = System.nanoTime();
            WatchTimes times = new WatchTimes(
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(30));
            try (PodWatch watch = PodWatch.start(
                    new KubernetesClientBuilder().withConfig(config).build(),
                    record.reader(),
                    record,
                    table,
                    PreservationRules.ofDefault(),
                    times,
                    InstantSource.system(),
                    System::nanoTime)) {
                Patiently.await("all pods", () -> table.size() == PODS);
                long listed = System.nanoTime() - began;
                long changes = EACH_SECOND * TIME.toSeconds();
                long start = System.nanoTime();
                for (long number = 0; number < changes; number++) {
                    change(server, number);
                    if (number == changes / 2) {
                        server.stop();
                        for (long unseen = changes; unseen < changes + 500; unseen++) {
                            change(server, unseen);
                        }
                        server.forget();
                        server.start();
                    }
                    long due = start + number * 1_000_000_000L / EACH_SECOND;
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                }
                Patiently.await("what is there", () -> table.there().equals(there));
                Patiently.await("the record", () -> watch.counts().waiting() == 0);
                assertThat(table.goneSize()).isEqualTo(made - PODS);
                long heap = heap();
                System.out.printf(
                        "cluster: %d pods listed in %d ms; %d changes and %d pods gone at %d/s; %d lines; heap %d MB%n",
                        PODS,
                        TimeUnit.NANOSECONDS.toMillis(listed),
                        changes,
                        table.goneSize(),
                        EACH_SECOND,
                        record.lines(),
                        heap >> 20);
                assertThat(heap).isLessThan(MOST_HEAP);
            }
            PodTable read = new PodTable();
            ClusterSource.read(record.reader(), read);
            assertThat(read.there()).isEqualTo(there);
            assertThat(read.pods()).isEqualTo(table.pods());
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
