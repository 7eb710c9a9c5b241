package io.kiroku.collector.ingest;

import io.kiroku.evidence.wire.Frame;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What has come in since the start. Counted by the connections' threads, read by any. */
public final class IngestCounts {
    final AtomicInteger open = new AtomicInteger();
    private final LongAdder failedHandshakes = new LongAdder();
    private final LongAdder turnedAway = new LongAdder();
    private final LongAdder receipts = new LongAdder();
    private final LongAdder framedBytes = new LongAdder();
    private final LongAdder ahead = new LongAdder();
    private final Map<Frame.RefusalCode, LongAdder> refusals = new EnumMap<>(Frame.RefusalCode.class);

    IngestCounts() {
        for (Frame.RefusalCode code : Frame.RefusalCode.values()) {
            refusals.put(code, new LongAdder());
        }
    }

    void sent(Frame frame) {
        if (frame instanceof Frame.Receipt) {
            receipts.increment();
        } else if (frame instanceof Frame.Refusal refusal) {
            adderFor(refusal.code()).increment();
        }
    }

    void handshakeFailed() {
        failedHandshakes.increment();
    }

    void turnedAway() {
        turnedAway.increment();
    }

    void received(long bytes) {
        framedBytes.add(bytes);
    }

    void ahead() {
        ahead.increment();
    }

    /** Segments that were sealed, by their node's clock, more than a second after they came. */
    public long aheadSegments() {
        return ahead.sum();
    }

    private LongAdder adderFor(Frame.RefusalCode code) {
        LongAdder adder = refusals.get(code);
        if (adder == null) {
            throw new IllegalStateException("a refusal without a counter: " + code);
        }
        return adder;
    }

    /** TLS handshakes that did not end well. */
    public long failedHandshakes() {
        return failedHandshakes.sum();
    }

    /** Connections that were closed because there was no place for them, or theirs was needed. */
    public long connectionsTurnedAway() {
        return turnedAway.sum();
    }

    /** Connections that are open now. */
    public int connections() {
        return open.get();
    }

    public long receipts() {
        return receipts.sum();
    }

    /** Bytes of all frames that were received whole. */
    public long receivedBytes() {
        return framedBytes.sum();
    }

    public long refusals(Frame.RefusalCode code) {
        return adderFor(code).sum();
    }

    public long refusals() {
        return refusals.values().stream().mapToLong(LongAdder::sum).sum();
    }
}
