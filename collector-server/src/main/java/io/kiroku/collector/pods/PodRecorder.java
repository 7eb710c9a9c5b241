package io.kiroku.collector.pods;

import io.kiroku.collector.own.OwnLines;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what is seen of a cluster on record, and then into the {@link PodTable}: in batches of at most {@link #MOST_AT_ONCE}
 * observations or what came within a moment. While the record cannot be kept, what is seen waits, of each pod and event the newest state
 * (with all instances that were reported meanwhile); once {@link #MOST_WAITING} wait, whoever sees more is held up. Marks what
 * {@link PreservationRules} say. Used by any thread.
 */
public final class PodRecorder implements AutoCloseable {
    /** Observations that are put on record at once, at most. */
    public static final int MOST_AT_ONCE = 500;

    /** Pods and events that wait to be put on record, at most, besides those that are being put there. */
    public static final int MOST_WAITING = 20_000;

    /** Bytes of lines that are put on record at once, at most. */
    static final int MOST_BYTES_AT_ONCE = 512 << 10;

    /** How long the first of a batch waits for others. */
    public static final Duration LINGER = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(PodRecorder.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration MOST_PAUSE = Duration.ofSeconds(30);

    /** What a waiting observation is of, so that a newer one of the same takes its place. */
    private sealed interface Key {
        record OfPod(String uid) implements Key {}

        record OfEvent(String uid) implements Key {}

        /** Each is kept: states of the watch have no successor that says the same. */
        record OfWatch(long number) implements Key {}
    }

    /**
     * How it is doing.
     *
     * @param observations put on record since the start
     * @param waiting not yet on record
     * @param failures attempts that failed since the start
     * @param newest when the newest observation that is on record was made
     */
    public record Counts(long observations, int waiting, long failures, Optional<Instant> newest) {}

    private final OwnLines lines;
    private final PodTable table;
    private final PreservationRules rules;
    private final InstantSource clock;
    private final Duration linger;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition room = lock.newCondition();
    private SequencedMap<Key, Observation> waiting = new LinkedHashMap<>();
    private final SequencedMap<Key, Observation> underWay = new LinkedHashMap<>();
    private final Thread thread;
    private long watches;
    private long observations;
    private long failures;
    private @Nullable Instant newest;
    private boolean closed;

    private PodRecorder(OwnLines lines, PodTable table, PreservationRules rules, InstantSource clock, Duration linger) {
        this.lines = lines;
        this.table = table;
        this.rules = rules;
        this.clock = clock;
        this.linger = linger;
        this.thread = Thread.ofPlatform().name("pods").daemon(true).unstarted(this::run);
    }

    /** Starts to put on record. The table has what was put there before. */
    public static PodRecorder start(OwnLines lines, PodTable table, PreservationRules rules, InstantSource clock) {
        return start(lines, table, rules, clock, LINGER);
    }

    static PodRecorder start(
            OwnLines lines, PodTable table, PreservationRules rules, InstantSource clock, Duration linger) {
        PodRecorder recorder = new PodRecorder(lines, table, rules, clock, linger);
        recorder.thread.start();
        return recorder;
    }

    /** A pod is there, or has changed. Waits while too much waits. */
    public void seen(Pod pod) {
        put(new Key.OfPod(pod.uid()), new Observation.PodSeen(clock.instant(), pod));
    }

    /** A pod was seen to go; of it what was reported last. Waits while too much waits. */
    public void deleted(Pod pod) {
        Instant now = clock.instant();
        put(new Key.OfPod(pod.uid()), new Observation.PodSeen(now, pod.gone(now, Optional.empty())));
    }

    /** A pod has that owner besides those that are known. */
    public void owned(String podUid, Owner owner) {
        known(podUid).filter(pod -> !pod.owners().contains(owner)).ifPresent(pod -> {
            List<Owner> owners = new ArrayList<>(pod.owners());
            owners.add(owner);
            seen(pod.withOwners(owners));
        });
    }

    /** An event has happened, or happened again. Waits while too much waits. */
    public void seen(ClusterEvent event) {
        put(new Key.OfEvent(event.uid()), new Observation.EventSeen(clock.instant(), event));
    }

    /** The watch of the pods began, broke, or was taken up again. */
    public void watch(Instant at, boolean holds, String sentence) {
        put(new Key.OfWatch(nextWatch()), new Observation.Watch(at, holds, sentence));
    }

    private long nextWatch() {
        lock.lock();
        try {
            return watches++;
        } finally {
            lock.unlock();
        }
    }

    /**
     * All pods that there are were listed: those that were there, as far as was known, and are not among them are gone.
     *
     * @param listed their uids
     * @param since when it was last known that all of them were there
     * @return how many were missing
     */
    public int listed(Set<String> listed, Instant since) {
        List<Pod> missing = new ArrayList<>();
        lock.lock();
        try {
            Set<String> there = new HashSet<>(table.there());
            for (SequencedMap<Key, Observation> some : List.of(underWay, waiting)) {
                for (Observation observation : some.values()) {
                    if (observation instanceof Observation.PodSeen(Instant _, Pod pod)) {
                        if (pod.gone().isPresent()) {
                            there.remove(pod.uid());
                        } else {
                            there.add(pod.uid());
                        }
                    }
                }
            }
            there.removeAll(listed);
            there.forEach(uid -> known(uid).ifPresent(missing::add));
        } finally {
            lock.unlock();
        }
        for (Pod pod : missing) {
            Instant now = clock.instant();
            put(new Key.OfPod(pod.uid()), new Observation.PodSeen(now, pod.gone(now, Optional.of(since))));
        }
        return missing.size();
    }

    /** The newest that was seen of a pod. */
    private Optional<Pod> known(String uid) {
        lock.lock();
        try {
            Optional<Pod> known = table.pod(uid);
            for (SequencedMap<Key, Observation> some : List.of(underWay, waiting)) {
                if (some.get(new Key.OfPod(uid)) instanceof Observation.PodSeen(Instant _, Pod pod)) {
                    known = Optional.of(known.map(pod::after).orElse(pod));
                }
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private void put(Key key, Observation observation) {
        lock.lock();
        try {
            while (waiting.size() >= MOST_WAITING && !waiting.containsKey(key) && !closed) {
                room.awaitUninterruptibly();
            }
            waiting.merge(key, observation, PodRecorder::merged);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private static Observation merged(Observation before, Observation after) {
        return before instanceof Observation.PodSeen(Instant _, Pod old)
                        && after instanceof Observation.PodSeen(Instant at, Pod young)
                ? new Observation.PodSeen(at, young.after(old))
                : after;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (take()) {
            try {
                record();
                pause = FIRST_PAUSE;
            } catch (IOException failure) {
                if (pause.equals(FIRST_PAUSE)) {
                    LOG.warn(
                            "What the cluster says of its pods cannot be put on record, and waits: {}.",
                            failure.getMessage());
                }
                if (!putBack(pause)) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(MOST_PAUSE) > 0 ? MOST_PAUSE : pause.multipliedBy(2);
            }
        }
    }

    /** Waits for a batch and takes it. Returns false if there is none and none will come. */
    private boolean take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            pause(linger, () -> waiting.size() >= MOST_AT_ONCE);
            while (!waiting.isEmpty() && underWay.size() < MOST_AT_ONCE) {
                var first = waiting.pollFirstEntry();
                underWay.put(first.getKey(), first.getValue());
            }
            room.signalAll();
            return !underWay.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, or until it is enough or this has ended. With the lock. */
    private void pause(Duration longest, BooleanSupplier enough) {
        try {
            long left = longest.toNanos();
            while (left > 0 && !enough.getAsBoolean() && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException nobodyInterruptsThisThread) {
            throw new IllegalStateException(nobodyInterruptsThisThread);
        }
    }

    /** Puts on record what is under way, and into the table what is on record; a failure leaves the rest under way. */
    private void record() throws IOException {
        while (!underWay.isEmpty()) {
            List<Observation> told = new ArrayList<>();
            List<byte[]> bytes = new ArrayList<>();
            List<Key> done = new ArrayList<>();
            long length = 0;
            for (var entry : underWay.entrySet()) {
                for (Observation observation : news(entry.getValue())) {
                    told.add(observation);
                    for (byte[] line : ObservationJson.lines(observation)) {
                        if (length + line.length > MOST_BYTES_AT_ONCE) {
                            lines.add(bytes);
                            bytes = new ArrayList<>();
                            length = 0;
                        }
                        bytes.add(line);
                        length += line.length + 1;
                    }
                }
                done.add(entry.getKey());
                if (length > MOST_BYTES_AT_ONCE / 2) {
                    break;
                }
            }
            if (!bytes.isEmpty()) {
                lines.add(bytes);
            }
            recorded(told, done);
        }
    }

    private void recorded(List<Observation> told, List<Key> done) {
        lock.lock();
        try {
            told.forEach(table::add);
            done.forEach(underWay::remove);
            observations += told.size();
            newest = told.isEmpty() ? newest : told.getLast().at();
        } finally {
            lock.unlock();
        }
    }

    /** What is new in a report, and the marks that it calls for; nothing if all of it is known. */
    private List<Observation> news(Observation observation) {
        if (observation instanceof Observation.EventSeen(Instant _, ClusterEvent event)
                && table.event(event.uid()).filter(event::equals).isPresent()) {
            return List.of();
        }
        if (!(observation instanceof Observation.PodSeen seen)) {
            return List.of(observation);
        }
        Optional<Pod> known = table.pod(seen.pod().uid());
        Pod pod = known.map(seen.pod()::after).orElse(seen.pod());
        List<Observation> news = new ArrayList<>();
        if (known.isEmpty() || !pod.equals(known.get())) {
            List<Instance> before = known.map(Pod::instances).orElse(List.of());
            news.add(new Observation.PodSeen(
                    seen.at(),
                    pod.withInstances(pod.instances().stream()
                            .filter(instance -> !before.contains(instance))
                            .toList())));
        }
        Instant now = clock.instant();
        for (Preservation mark : rules.marks(pod, table.preservationsOf(pod.uid()), now)) {
            news.add(new Observation.Preserved(now, mark));
        }
        return news;
    }

    /** Has what is under way wait again, before all else, and pauses. Returns false if this has ended meanwhile. */
    private boolean putBack(Duration pause) {
        lock.lock();
        try {
            failures++;
            SequencedMap<Key, Observation> again = new LinkedHashMap<>(underWay);
            underWay.clear();
            waiting.forEach((key, observation) -> again.merge(key, observation, PodRecorder::merged));
            waiting = again;
            pause(pause, () -> false);
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    public Counts counts() {
        lock.lock();
        try {
            return new Counts(observations, waiting.size() + underWay.size(), failures, Optional.ofNullable(newest));
        } finally {
            lock.unlock();
        }
    }

    /** Puts on record what waits, once, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
