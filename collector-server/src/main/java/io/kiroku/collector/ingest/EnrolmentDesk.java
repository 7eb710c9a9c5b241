package io.kiroku.collector.ingest;

import io.kiroku.collector.enrol.Enrolments;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.tls.TlsContext;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Has requests for certificates answered, on threads of its own, as an answer waits for disks and others. Bounded are those that
 * are being answered, and those of an address in a minute, so that nobody tries codes. Used by any thread.
 */
final class EnrolmentDesk implements AutoCloseable {
    /** Requests of an address in a minute from whoever shows no certificate, at most. */
    static final int MOST_OF_AN_ADDRESS = 10;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_ADDRESSES = 10_000;
    private static final int THREADS = 4;
    private static final int MOST_WAITING = 256;

    private final Enrolments enrolments;
    private final TlsContext tls;
    private final LongSupplier nanoTime;
    private final Map<String, Integer> attempts = new HashMap<>();
    private long minuteBegan;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("enrol-", 0).factory());

    EnrolmentDesk(Enrolments enrolments, TlsContext tls, LongSupplier nanoTime) {
        this.enrolments = enrolments;
        this.tls = tls;
        this.nanoTime = nanoTime;
        this.minuteBegan = nanoTime.getAsLong();
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Answers a request, on this thread or another.
     *
     * @param key that the connection was made with, empty if no certificate was shown
     */
    void answer(Frame.Enrol request, Optional<String> key, SocketAddress from, Consumer<Frame> answer) {
        if (key.isEmpty() && !admit(from)) {
            answer.accept(unavailable("expected at most %d requests for certificates in a minute from an address"
                    .formatted(MOST_OF_AN_ADDRESS)));
            return;
        }
        try {
            threads.execute(
                    () -> answer.accept(enrolments.answer(request, key, String.valueOf(from), tls.authorities())));
        } catch (RejectedExecutionException tooMany) {
            answer.accept(unavailable("too many requests for certificates are being answered"));
        }
    }

    private static Frame unavailable(String sentence) {
        return new Frame.Refusal(Frame.RefusalCode.UNAVAILABLE, 0, sentence);
    }

    private synchronized boolean admit(SocketAddress from) {
        long now = nanoTime.getAsLong();
        if (now - minuteBegan >= MINUTE_NANOS) {
            attempts.clear();
            minuteBegan = now;
        }
        String address = Places.key(from);
        if (attempts.size() >= MOST_ADDRESSES && !attempts.containsKey(address)) {
            return false;
        }
        return attempts.merge(address, 1, Integer::sum) <= MOST_OF_AN_ADDRESS;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
