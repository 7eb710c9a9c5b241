package io.kiroku.collector.ingest;

import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.Store;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that writes the store: takes whatever has come, commits it, and goes on. */
final class CommitThread implements AutoCloseable {
    /** A batch is not made larger, so that its first segment does not wait long for its last. */
    private static final long MOST_BATCH_BYTES = 64 << 20;

    /** Between two commits, so that one fsync serves many segments and agents: it costs as much as a dozen of them. */
    private static final int PAUSE_MILLIS = 10;

    /** After a commit that failed, the next one is tried though there is nothing new. */
    private static final int RETRY_MILLIS = 1000;

    /** The process's exit status then: EX_SOFTWARE of sysexits.h. */
    private static final int IMPOSSIBLE = 70;

    private static final Logger LOG = LoggerFactory.getLogger(CommitThread.class);

    /** Work, and the memory that it lies in. */
    private sealed interface Work {
        int bytes();

        Runnable release();
    }

    private record Storing(Accepted accepted, Runnable release) implements Work {
        @Override
        public int bytes() {
            return accepted.segment().length();
        }
    }

    private record PuttingAside(Octets stream, ByteBuffer segment, String from, String why, Runnable release)
            implements Work {
        @Override
        public int bytes() {
            return segment.remaining();
        }
    }

    /** The end of all work. */
    private record Stopping(int bytes, Runnable release) implements Work {}

    private static final Stopping STOP = new Stopping(0, () -> {});

    private final Store store;
    private final Committer committer;

    /** Bounded by the bytes that may be unstored at a time, see {@link Budget}. */
    private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();

    private final Thread thread = Thread.ofPlatform().name("commit").unstarted(this::run);

    private CommitThread(Store store, TransparencyLog log) {
        this.store = store;
        this.committer = new Committer(store, log);
    }

    static CommitThread start(Store store, TransparencyLog log) {
        CommitThread commits = new CommitThread(store, log);
        commits.thread.start();
        return commits;
    }

    /** Stores a segment; {@code release} is run once its bytes are not needed any more, stored or not. */
    void store(Accepted accepted, Runnable release) {
        queue.add(new Storing(accepted, release));
    }

    /** Puts bytes aside that do not fit. */
    void putAside(Octets stream, ByteBuffer segment, String from, String why, Runnable release) {
        queue.add(new PuttingAside(stream, segment, from, why, release));
    }

    /** Why nothing can be stored at the moment, in a sentence; null if it can. */
    @Nullable
    String trouble() {
        return committer.trouble();
    }

    private void run() {
        List<Work> taken = new ArrayList<>();
        try {
            while (take(taken)) {
                commit(taken);
                taken.clear();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error impossible) {
            // Without this thread nothing would ever be acknowledged; started again, the collector recovers.
            LOG.error("The thread that stores has met what cannot be, and ends the process.", impossible);
            Runtime.getRuntime().halt(IMPOSSIBLE);
        }
    }

    private void commit(List<Work> taken) {
        try {
            committer.commit(taken.stream()
                    .filter(Storing.class::isInstance)
                    .map(work -> ((Storing) work).accepted())
                    .toList());
            for (Work work : taken) {
                if (work instanceof PuttingAside aside) {
                    store.putAside(aside.stream(), aside.segment(), aside.from(), aside.why());
                }
            }
        } finally {
            taken.forEach(work -> work.release().run());
        }
    }

    /** Waits for work, then takes what there is, up to a batch. False once there will be no more. */
    private boolean take(List<Work> taken) throws InterruptedException {
        long bytes = 0;
        Work work = committer.trouble() == null ? queue.take() : queue.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        if (work == null) {
            // What is stored may not be in the log yet: no agent is welcomed before it is.
            return true;
        }
        while (work != null && !(work instanceof Stopping)) {
            taken.add(work);
            bytes += work.bytes();
            work = bytes < MOST_BATCH_BYTES ? queue.poll() : null;
        }
        if (work instanceof Stopping && !taken.isEmpty()) {
            queue.add(work);
        }
        return !taken.isEmpty();
    }

    /** Commits what has come so far, and ends. */
    @Override
    public void close() {
        queue.add(STOP);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        for (Work left = queue.poll(); left != null; left = queue.poll()) {
            left.release().run();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
