package io.kiroku.collector.cluster.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Listable;
import io.fabric8.kubernetes.client.dsl.Watchable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one kind of objects of all namespaces: lists them, page by page, and watches them from there on, again and again, and keeps none
 * of them. A watch that ends is taken up where it ended; if the API server does not know that place any more (410 Gone), everything is
 * listed again, and so it is every {@link WatchTimes#resync}. An API server that cannot be reached is asked again ever less often.
 *
 * @param <T> the kind
 * @param <L> a list of them
 */
final class ListWatch<T extends HasMetadata, L extends KubernetesResourceList<T>> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ListWatch.class);

    /** Objects of a page. */
    private static final long PAGE = 500;

    /** A watch that has not ended after so long is taken for one. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** So many watches that end before they begin, one after the other, are trouble. */
    private static final int MOST_SILENT = 3;

    private static final int GONE = 410;
    private static final int NOT_FOUND = 404;
    private static final int MOST_SENTENCE = 300;

    /** Takes what is told. Of objects it is told by one thread at a time; whether the watch holds, meanwhile by another. */
    interface Sink<T> {
        /** It is there, or has changed. */
        void seen(T object);

        /** It was seen to go; so it was last. */
        void deleted(T object);

        /**
         * All that there are have been seen, and no others are there.
         *
         * @param since when it was last known what there was; of a first listing the beginning of time
         */
        void listed(Set<String> uids, Instant since);

        /**
         * From now on changes are seen, or no longer.
         *
         * @param at when; of a break, when something was last heard, the beginning of time if nothing ever was
         */
        void holds(Instant at, boolean holds, String sentence);
    }

    /**
     * How it is doing.
     *
     * @param holds whether changes are seen
     * @param lists how often all were listed
     * @param changes that were told since the start
     * @param heard until when all that happened is known
     */
    record State(boolean holds, long lists, long changes, Instant heard) {}

    private final String kind;
    private final Listable<L> listable;
    private final Watchable<T> watchable;
    private final Sink<T> sink;
    private final WatchTimes times;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Runnable ifMissing;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile State state = new State(false, 0, 0, Instant.EPOCH);
    /** From where a watch would go on; null if all have to be listed. Of the thread alone. */
    private @Nullable String version;

    private long listedAt;
    private boolean broken;
    private int silent;

    /**
     * Prepares it.
     *
     * @param kind what they are called, in the plural
     * @param ifMissing is run, and this ends, if the API server knows no such kind
     */
    <R extends Listable<L> & Watchable<T>> ListWatch(
            String kind,
            R resource,
            Sink<T> sink,
            WatchTimes times,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable ifMissing) {
        this.kind = kind;
        this.listable = resource;
        this.watchable = resource;
        this.sink = sink;
        this.times = times;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.ifMissing = ifMissing;
        this.thread = Thread.ofPlatform().name("watch-" + kind).daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    State state() {
        return state;
    }

    private void run() {
        Duration pause = times.firstPause();
        try {
            while (isOpen()) {
                try {
                    if (version == null) {
                        list();
                    }
                    long begun = nanoTime.getAsLong();
                    watch();
                    pause = times.firstPause();
                    if (nanoTime.getAsLong() - begun < pause.toNanos()
                            && closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                } catch (RuntimeException failure) {
                    if (!isOpen()) {
                        return;
                    }
                    int code = failure instanceof KubernetesClientException said ? said.getCode() : GONE;
                    if (code == NOT_FOUND && state.lists() == 0) {
                        ifMissing.run();
                        return;
                    }
                    if (code == GONE) {
                        version = null;
                    }
                    breaks(sentence(failure));
                    if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                    Duration next = pause.multipliedBy(2);
                    pause = next.compareTo(times.mostPause()) > 0 ? times.mostPause() : next;
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    private void list() {
        Instant since = state.heard();
        Instant begun = clock.instant();
        Set<String> uids = new HashSet<>();
        String next = null;
        String listed;
        do {
            L page = listable.list(
                    new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
            for (T object : page.getItems()) {
                if (isWhole(object)) {
                    uids.add(object.getMetadata().getUid());
                    sink.seen(object);
                }
            }
            listed = page.getMetadata() == null ? null : page.getMetadata().getResourceVersion();
            next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        sink.listed(uids, since);
        // Without a place to go on from, a watch begins with all that there are.
        version = listed == null ? "" : listed;
        listedAt = nanoTime.getAsLong();
        update(before -> new State(before.holds(), before.lists() + 1, before.changes(), begun));
    }

    private synchronized State update(UnaryOperator<State> change) {
        State before = state;
        state = change.apply(before);
        return before;
    }

    private static boolean isWhole(@Nullable HasMetadata object) {
        return object != null
                && object.getMetadata() != null
                && object.getMetadata().getUid() != null
                && object.getMetadata().getName() != null;
    }

    /** Watches until the watch ends, however that comes. */
    private void watch() throws InterruptedException {
        String from = version;
        long seconds = times.watch().toSeconds();
        ListOptions options = new ListOptionsBuilder()
                .withResourceVersion(from == null || from.isEmpty() ? null : from)
                .withAllowWatchBookmarks(true)
                .withTimeoutSeconds(seconds + ThreadLocalRandom.current().nextLong(seconds / 2 + 1))
                .build();
        Telling telling = new Telling(from);
        boolean begun;
        @Nullable WatcherException end;
        Watch watch = watchable.watch(options, telling);
        try {
            // The client says that it watches before it does: only what is heard, or a while without an end, proves it.
            begun = telling.begun
                    .completeOnTimeout(true, SETTLED.toNanos(), TimeUnit.NANOSECONDS)
                    .get();
            if (begun) {
                hold();
            }
            end = await(
                    telling.ended, times.watch().multipliedBy(3).dividedBy(2).plus(times.grace()));
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            watch.close();
        }
        if (end != null && end.isHttpGone()) {
            version = null;
            breaks("the API server does not know any more where the watch was");
        } else if (end != null && end.getCause() != null) {
            // What it stumbled over would come again from the same place.
            version = null;
            breaks(sentence(end));
        } else if (!begun) {
            probe();
        } else {
            silent = 0;
            boolean isLongAgo = nanoTime.getAsLong() - listedAt > times.resync().toNanos();
            version = isLongAgo ? null : telling.version;
        }
    }

    /**
     * A watch ended before it began, and the client does not say why: the API server may be away.
     *
     * @throws KubernetesClientException if it is
     */
    private void probe() {
        listable.list(new ListOptionsBuilder().withLimit(1L).build());
        silent++;
        if (silent >= MOST_SILENT) {
            silent = 0;
            version = null;
            breaks("the API server lists, but lets nobody watch");
        }
    }

    /** How the watch ended; null if it has not although its time is over, or if this is to end. */
    private @Nullable WatcherException await(CompletableFuture<WatcherException> ended, Duration longest)
            throws InterruptedException {
        try {
            return ended.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException silent) {
            LOG.debug("The watch of {} has not ended in time, and is taken up anew.", kind);
            return null;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void hold() {
        State before = update(old -> new State(true, old.lists(), old.changes(), old.heard()));
        if (!before.holds()) {
            String sentence = !broken
                    ? "the watch of %s begins".formatted(kind)
                    : "the watch of %s is taken up again".formatted(kind);
            LOG.info("In the cluster, {}.", sentence);
            sink.holds(clock.instant(), true, sentence);
        }
    }

    private void breaks(String why) {
        State before = update(old -> new State(false, old.lists(), old.changes(), old.heard()));
        if (before.holds() || !broken) {
            broken = true;
            String sentence = "the watch of %s does not hold: %s".formatted(kind, why);
            LOG.warn("In the cluster, {}.", sentence);
            sink.holds(before.heard(), false, sentence);
        }
    }

    private static String sentence(Throwable failure) {
        String message = String.valueOf(failure.getMessage()).replaceAll("\\s+", " ");
        Throwable cause = failure.getCause();
        String whole = cause == null || cause.getMessage() == null ? message : message + " " + cause.getMessage();
        return PodReports.text(whole, MOST_SENTENCE);
    }

    /** Tells the sink what the watch tells. */
    private final class Telling implements Watcher<T> {
        private final CompletableFuture<WatcherException> ended = new CompletableFuture<>();

        /** Whether something was heard before it ended. */
        private final CompletableFuture<Boolean> begun = new CompletableFuture<>();

        private volatile @Nullable String version;

        private Telling(@Nullable String from) {
            version = from;
        }

        @Override
        public void eventReceived(Action action, T object) {
            if (ended.isDone() || object == null || object.getMetadata() == null) {
                return;
            }
            try {
                if (action != Action.BOOKMARK && isWhole(object)) {
                    if (action == Action.DELETED) {
                        sink.deleted(object);
                    } else {
                        sink.seen(object);
                    }
                }
            } catch (RuntimeException failure) {
                // The client would log it, and go on as if the change had been taken.
                end(new WatcherException("a change could not be taken", failure));
                return;
            }
            String place = object.getMetadata().getResourceVersion();
            if (place != null && !place.equals(version)) {
                // All that happened until there is known now.
                version = place;
                begun.complete(true);
                Instant now = clock.instant();
                int change = action == Action.BOOKMARK ? 0 : 1;
                update(before -> new State(before.holds(), before.lists(), before.changes() + change, now));
            }
        }

        private void end(WatcherException cause) {
            ended.complete(cause);
            begun.complete(false);
        }

        @Override
        public void onClose() {
            end(new WatcherException("closed"));
        }

        @Override
        public void onClose(WatcherException cause) {
            end(cause);
        }
    }

    /** Ends it; what is being told is told to its end. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
