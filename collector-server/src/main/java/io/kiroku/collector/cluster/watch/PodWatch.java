package io.kiroku.collector.cluster.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kiroku.collector.own.OwnLines;
import io.kiroku.collector.pods.ClusterEvent;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.PodRecorder;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.PreservationRules;
import io.kiroku.collector.store.StoreReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the pods of a whole cluster, so that no agent has to: pods and events, and the ReplicaSets and Jobs that stand between pods and
 * what owns them. At its start it reads again what is on record, so that a pod that went while no collector ran is missed. All of it
 * is done by threads of its own; a cluster that cannot be reached is one that nothing is known of yet.
 */
public final class PodWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodWatch.class);

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(60);
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /**
     * How one watch is doing.
     *
     * @param holds whether changes are seen
     * @param lists how often all were listed since the start
     * @param changes that were told since the start
     * @param heard when something was heard last; empty if nothing was
     */
    public record WatchState(boolean holds, long lists, long changes, Optional<Instant> heard) {}

    private final KubernetesClient client;
    private final StoreReader store;
    private final OwnLines lines;
    private final PodTable table;
    private final PreservationRules rules;
    private final WatchTimes times;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Owners owners = new Owners();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, ListWatch<?, ?>> watches = new LinkedHashMap<>();
    private final Thread thread;
    private @Nullable PodRecorder recorder;

    PodWatch(
            KubernetesClient client,
            StoreReader store,
            OwnLines lines,
            PodTable table,
            PreservationRules rules,
            WatchTimes times,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.client = client;
        this.store = store;
        this.lines = lines;
        this.table = table;
        this.rules = rules;
        this.times = times;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.thread = Thread.ofPlatform().name("cluster").daemon(true).unstarted(this::begin);
    }

    /**
     * Watches the cluster that this process runs in, or that its kubeconfig names.
     *
     * @param store where the record is read again
     * @param lines the record
     * @param table what is on record; filled from the store first
     */
    public static PodWatch ofEnvironment(
            StoreReader store,
            OwnLines lines,
            PodTable table,
            PreservationRules rules,
            InstantSource clock,
            LongSupplier nanoTime) {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(once(Config.autoConfigure(null)))
                .build();
        return start(client, store, lines, table, rules, WatchTimes.USUAL, clock, nanoTime);
    }

    static PodWatch start(
            KubernetesClient client,
            StoreReader store,
            OwnLines lines,
            PodTable table,
            PreservationRules rules,
            WatchTimes times,
            InstantSource clock,
            LongSupplier nanoTime) {
        PodWatch watch = new PodWatch(client, store, lines, table, rules, times, clock, nanoTime);
        watch.thread.start();
        return watch;
    }

    /** The same cluster, nothing of it tried again: {@link ListWatch} does that, and says so. */
    static Config once(Config config) {
        return new ConfigBuilder(config)
                .withConnectionTimeout((int) CONNECT.toMillis())
                .withRequestTimeout((int) REQUEST.toMillis())
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectLimit(0)
                .build();
    }

    /** Reads what is on record, until that can be had, and then begins to watch. */
    private void begin() {
        try {
            Optional<ClusterSource.Tally> tally = read();
            while (tally.isEmpty()) {
                if (closing.await(AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
                tally = read();
            }
            LOG.info("Of {} pods is on record what the cluster said of them.", table.size());
            if (!tally.get().inWords().isEmpty()) {
                LOG.warn("{}.", tally.get().inWords());
            }
            watch();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<ClusterSource.Tally> read() {
        try {
            return Optional.of(ClusterSource.read(store, table));
        } catch (IOException failure) {
            LOG.warn("What is on record of the cluster's pods cannot be read yet: {}.", failure.getMessage());
            return Optional.empty();
        }
    }

    private synchronized void watch() {
        if (closing.getCount() == 0) {
            return;
        }
        PodRecorder to = PodRecorder.start(lines, table, rules, clock);
        recorder = to;
        add(
                "replicasets",
                new ListWatch<>(
                        "replicasets",
                        client.apps().replicaSets().inAnyNamespace(),
                        new OwnersSink<>(to),
                        times,
                        clock,
                        nanoTime,
                        () -> {}));
        add(
                "jobs",
                new ListWatch<>(
                        "jobs",
                        client.batch().v1().jobs().inAnyNamespace(),
                        new OwnersSink<>(to),
                        times,
                        clock,
                        nanoTime,
                        () -> {}));
        add(
                "events",
                new ListWatch<>(
                        "events",
                        client.events().v1().events().inAnyNamespace(),
                        new EventsSink<>(to, EventReports::report),
                        times,
                        clock,
                        nanoTime,
                        () -> olderEvents(to)));
        add(
                "pods",
                new ListWatch<>(
                        "pods",
                        client.pods().inAnyNamespace(),
                        new PodsSink(to, table.seenUntil()),
                        times,
                        clock,
                        nanoTime,
                        () -> {}));
        watches.values().forEach(ListWatch::start);
    }

    private void add(String kind, ListWatch<?, ?> watch) {
        watches.put(kind, watch);
    }

    /** An API server that does not have {@code events.k8s.io/v1} has the same events in {@code v1}. */
    private synchronized void olderEvents(PodRecorder to) {
        if (closing.getCount() > 0) {
            ListWatch<?, ?> older = new ListWatch<>(
                    "events",
                    client.v1().events().inAnyNamespace(),
                    new EventsSink<io.fabric8.kubernetes.api.model.Event>(to, EventReports::report),
                    times,
                    clock,
                    nanoTime,
                    () -> {});
            watches.put("events", older);
            older.start();
        }
    }

    /** How the watches are doing, by the kind of what they watch; empty until what is on record was read. */
    public synchronized Map<String, WatchState> states() {
        Map<String, WatchState> states = new LinkedHashMap<>();
        watches.forEach((kind, watch) -> {
            ListWatch.State state = watch.state();
            states.put(
                    kind,
                    new WatchState(
                            state.holds(),
                            state.lists(),
                            state.changes(),
                            Optional.of(state.heard()).filter(heard -> !heard.equals(Instant.EPOCH))));
        });
        return states;
    }

    /** How the record is doing. */
    public synchronized PodRecorder.Counts counts() {
        PodRecorder current = recorder;
        return current == null ? new PodRecorder.Counts(0, 0, 0, Optional.empty()) : current.counts();
    }

    /** What is on record. */
    public PodTable table() {
        return table;
    }

    @Override
    public void close() {
        closing.countDown();
        Map<String, ListWatch<?, ?>> open;
        PodRecorder current;
        synchronized (this) {
            open = Map.copyOf(watches);
            current = recorder;
        }
        open.values().forEach(ListWatch::close);
        if (current != null) {
            WatchState pods = states().get("pods");
            if (pods != null && pods.holds()) {
                current.watch(pods.heard().orElseGet(clock::instant), false, "the collector ends");
            }
            current.close();
        }
        client.close();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Pods. */
    private final class PodsSink implements ListWatch.Sink<Pod> {
        private final PodRecorder to;
        private final Optional<Instant> onRecord;

        /** @param onRecord until when those who watched before saw changes */
        private PodsSink(PodRecorder to, Optional<Instant> onRecord) {
            this.to = to;
            this.onRecord = onRecord;
        }

        private Instant since(Instant heard) {
            return heard.equals(Instant.EPOCH) ? onRecord.orElseGet(clock::instant) : heard;
        }

        @Override
        public void seen(Pod pod) {
            to.seen(PodReports.report(pod, owners.of(pod)));
            owners.await(pod).ifPresent(owner -> to.owned(pod.getMetadata().getUid(), owner));
        }

        @Override
        public void deleted(Pod pod) {
            to.deleted(PodReports.report(pod, owners.of(pod)));
        }

        @Override
        public void listed(Set<String> uids, Instant since) {
            int missing = to.listed(uids, since(since));
            LOG.info("In the cluster are {} pods; {} that were known are missing.", uids.size(), missing);
        }

        @Override
        public void holds(Instant at, boolean holds, String sentence) {
            to.watch(since(at), holds, sentence);
        }
    }

    /** Events: that one has expired is no news. */
    private record EventsSink<T>(PodRecorder to, Function<T, ClusterEvent> report) implements ListWatch.Sink<T> {
        @Override
        public void seen(T event) {
            to.seen(report.apply(event));
        }

        @Override
        public void deleted(T event) {}

        @Override
        public void listed(Set<String> uids, Instant since) {}

        @Override
        public void holds(Instant at, boolean holds, String sentence) {}
    }

    /** ReplicaSets or Jobs. */
    private final class OwnersSink<T extends HasMetadata> implements ListWatch.Sink<T> {
        private final PodRecorder to;

        private OwnersSink(PodRecorder to) {
            this.to = to;
        }

        @Override
        public void seen(T owner) {
            Set<String> pods = owners.learn(owner);
            Owners.controller(owner).map(Owners::owner).ifPresent(parent -> pods.forEach(pod -> to.owned(pod, parent)));
        }

        @Override
        public void deleted(T owner) {
            owners.forget(owner.getMetadata().getUid());
        }

        @Override
        public void listed(Set<String> uids, Instant since) {}

        @Override
        public void holds(Instant at, boolean holds, String sentence) {}
    }
}
