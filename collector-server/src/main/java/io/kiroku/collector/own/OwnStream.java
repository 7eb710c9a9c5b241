package io.kiroku.collector.own;

import io.kiroku.collector.ingest.Intake;
import io.kiroku.collector.ingest.OwnDoor;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream of the collector's own with one source, a file that only grows. One thread seals what all callers have added
 * meanwhile into one segment, so that they share its commit. Used by any thread.
 */
public final class OwnStream implements OwnLines, AutoCloseable {
    /** Callers that wait at a time, at most. */
    static final int MOST_WAITING = 512;

    /** How long a caller waits for his turn, and then once more at most for each of two answers of the store. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The process's exit status if what cannot be has happened: EX_SOFTWARE of sysexits.h. */
    private static final int IMPOSSIBLE = 70;

    private static final String ENDS = "the collector ends";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,127}");
    private static final Logger LOG = LoggerFactory.getLogger(OwnStream.class);

    /** What a caller has added, and what became of it: a sentence if it could not be kept, otherwise an empty text. */
    private static final class Waiting {
        private final byte[] bytes;
        private final CompletableFuture<String> outcome = new CompletableFuture<>();

        private Waiting(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    private final OwnKeys keys;
    private final OwnChain chain;
    private final Duration patience;
    private final Thread thread;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean closing;

    private OwnStream(String name, OwnKeys keys, OwnChain chain, Duration patience) {
        this.keys = keys;
        this.chain = chain;
        this.patience = patience;
        this.thread = Thread.ofPlatform().daemon().name("own-" + name).unstarted(this::run);
    }

    /**
     * Opens a stream of the collector's own. It goes on where what the store holds of it ends. If its keys are gone, or its
     * identity was revoked, another stream begins.
     *
     * @param data the collector's data directory, whose {@code own/NAME} holds the keys
     * @param name 1 to 128 of the characters {@code a-z 0-9 . -}, beginning with none of the last two
     * @param path of the source
     * @throws IOException if keys cannot be read or made, or the store does not say where the stream ends
     */
    public static OwnStream open(
            Path data, String name, FilePath path, Intake intake, InstantSource clock, LongSupplier nanoTime)
            throws IOException {
        return open(data, name, path, intake, clock, nanoTime, PATIENCE);
    }

    static OwnStream open(
            Path data,
            String name,
            FilePath path,
            Intake intake,
            InstantSource clock,
            LongSupplier nanoTime,
            Duration patience)
            throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "expected 1 to 128 of the characters a-z 0-9 . - as a name, found " + name);
        }
        SecureRandom random = new SecureRandom();
        OwnKeys keys = OwnKeys.open(data.resolve("own").resolve(name), intake, clock, random);
        boolean opened = false;
        try {
            OwnDoor door = intake.own(keys.identity().stream(), clock, nanoTime);
            OwnChain chain = OwnChain.resume(keys, door, path, patience, random);
            OwnStream stream = new OwnStream(name, keys, chain, patience);
            stream.thread.start();
            opened = true;
            return stream;
        } catch (InterruptedException stopped) {
            throw interrupted();
        } finally {
            if (!opened) {
                keys.close();
            }
        }
    }

    @Override
    public void add(List<byte[]> lines) throws IOException {
        byte[] bytes = joined(lines);
        if (bytes.length == 0) {
            return;
        }
        Waiting waiting = new Waiting(bytes);
        enqueue(waiting);
        String failure = await(waiting);
        if (!failure.isEmpty()) {
            throw new StoreUnavailableException(failure);
        }
    }

    private static byte[] joined(List<byte[]> lines) {
        int length = 0;
        for (byte[] line : lines) {
            if (line.length > MOST_LINE) {
                throw new IllegalArgumentException(
                        "expected lines of at most %d bytes, found one of %d".formatted(MOST_LINE, line.length));
            }
            for (byte one : line) {
                if (one == '\n') {
                    throw new IllegalArgumentException("expected a line, found a line feed in it");
                }
            }
            length += line.length + 1;
            if (length > MOST_AT_ONCE) {
                throw new IllegalArgumentException("expected at most %d bytes at once".formatted(MOST_AT_ONCE));
            }
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] line : lines) {
            System.arraycopy(line, 0, joined, at, line.length);
            at += line.length + 1;
            joined[at - 1] = '\n';
        }
        return joined;
    }

    private synchronized void enqueue(Waiting waiting) throws StoreUnavailableException {
        if (closing) {
            throw new StoreUnavailableException(ENDS);
        }
        if (queue.size() >= MOST_WAITING) {
            throw new StoreUnavailableException(
                    "%d others wait to put something on record already".formatted(MOST_WAITING));
        }
        queue.add(waiting);
        notifyAll();
    }

    /** What became of it. Whoever has had his turn waits for the outcome, which the store's answers bound. */
    private String await(Waiting waiting) throws IOException {
        try {
            try {
                return waiting.outcome.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException late) {
                if (leave(waiting)) {
                    return "the store has not come to it within %d s".formatted(patience.toSeconds());
                }
                return waiting.outcome.get();
            }
        } catch (InterruptedException stopped) {
            leave(waiting);
            throw interrupted();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(ENDS);
    }

    /** False if its turn has come. */
    private synchronized boolean leave(Waiting waiting) {
        return queue.remove(waiting);
    }

    private void run() {
        try {
            List<Waiting> batch = take();
            while (!batch.isEmpty()) {
                keep(batch);
                batch = take();
            }
        } catch (InterruptedException stopped) {
            giveUp();
        } catch (RuntimeException | Error impossible) {
            // Nothing could be put on record any more; started again, the collector goes on from what its store holds.
            LOG.error("What the collector puts on record has met what cannot be, and ends the process.", impossible);
            Runtime.getRuntime().halt(IMPOSSIBLE);
        }
    }

    private synchronized void giveUp() {
        closing = true;
        queue.forEach(waiting -> waiting.outcome.complete(ENDS));
        queue.clear();
    }

    /** Waits until there is something, then takes what goes into one segment. Empty once there will be no more. */
    private synchronized List<Waiting> take() throws InterruptedException {
        while (queue.isEmpty() && !closing) {
            wait();
        }
        List<Waiting> batch = new ArrayList<>();
        int bytes = 0;
        while (!queue.isEmpty() && bytes + queue.getFirst().bytes.length <= MOST_AT_ONCE) {
            Waiting next = queue.removeFirst();
            bytes += next.bytes.length;
            batch.add(next);
        }
        return batch;
    }

    private void keep(List<Waiting> batch) throws InterruptedException {
        String outcome = ENDS;
        try {
            chain.keep(batch.stream().map(waiting -> waiting.bytes).toList());
            outcome = "";
        } catch (StoreUnavailableException unavailable) {
            outcome = String.valueOf(unavailable.getMessage());
        } catch (IOException failure) {
            outcome = String.valueOf(new StoreUnavailableException(failure).getMessage());
        } finally {
            for (Waiting waiting : batch) {
                waiting.outcome.complete(outcome);
            }
        }
    }

    /** Keeps what was added so far, and takes nothing more. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        keys.close();
    }
}
