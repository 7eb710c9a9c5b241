package io.kiroku.agent.ship;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Receipts;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of the protocol, without a socket or a clock: what happened goes in, what is to be done comes out.
 *
 * <p>At most a window of segments is under way without a receipt. A connection that fails, or on which nothing is
 * acknowledged for {@link #RECEIPT_TIMEOUT}, is given up and tried again, each time after a longer wait, with jitter so
 * that the agents of a cluster do not come back all at once.
 */
public final class Shipping {
    /** Segments under way without a receipt, at most. */
    static final int WINDOW_SEGMENTS = 256;

    /** Their bytes, at most; one segment may exceed it. */
    static final long WINDOW_BYTES = 8 << 20;

    static final long GREETING_TIMEOUT = 10_000_000_000L;
    static final long RECEIPT_TIMEOUT = 30_000_000_000L;
    static final long FIRST_WAIT = 100_000_000L;
    static final long LONGEST_WAIT = 30_000_000_000L;

    /** What happened. */
    public sealed interface Event {
        record Tick() implements Event {}

        record Connected() implements Event {}

        record Received(Frame frame) implements Event {}

        record Disconnected(String reason) implements Event {}
    }

    /** What is to be done, in this order. */
    public sealed interface Action {
        record Connect() implements Action {}

        record Greet() implements Action {}

        /** Find out where to begin, and answer with {@link Shipping#streamFrom} or {@link Shipping#refuse}. */
        record Begin(Frame.Welcome welcome) implements Action {}

        /**
         * The collector has everything up to this segment.
         *
         * @param sentNanos when it was sent, on the clock of {@code now}
         */
        record Acknowledge(Frame.Receipt receipt, long sentNanos) implements Action {}

        record Disconnect() implements Action {}
    }

    private enum State {
        WAITING,
        CONNECTING,
        GREETING,
        STREAMING
    }

    private record Sent(long sequence, int length, Octets hash, long nanos) {}

    private final Octets stream;
    private final RandomGenerator random;
    private final Deque<Sent> underWay = new ArrayDeque<>();

    private State state = State.WAITING;
    private long deadline;
    private long wait = FIRST_WAIT;
    private long bytesUnderWay;
    private @Nullable Octets collector;
    private String notice = "";

    public Shipping(Octets stream, RandomGenerator random) {
        this.stream = stream;
        this.random = random;
    }

    public boolean isStreaming() {
        return state == State.STREAMING;
    }

    /** The last trouble, a sentence; empty if there is none now. */
    public String notice() {
        return notice;
    }

    /** When a tick is due, on the clock of {@code now}, in nanoseconds; {@link Long#MAX_VALUE} if none is. */
    public long deadline() {
        return state == State.STREAMING && underWay.isEmpty() ? Long.MAX_VALUE : deadline;
    }

    /** Takes what happened at {@code now}, in nanoseconds on a clock that never steps. */
    public List<Action> step(Event event, long now) {
        return switch (event) {
            case Event.Tick _ -> tick(now);
            case Event.Connected _ -> connected(now);
            case Event.Received received -> received(received.frame(), now);
            case Event.Disconnected disconnected -> {
                giveUp(disconnected.reason(), now);
                yield List.of();
            }
        };
    }

    private List<Action> tick(long now) {
        if (now < deadline()) {
            return List.of();
        }
        return switch (state) {
            case WAITING -> {
                state = State.CONNECTING;
                deadline = now + GREETING_TIMEOUT;
                yield List.of(new Action.Connect());
            }
            case CONNECTING -> broken("no connection within 10 s", now);
            case GREETING -> broken("no answer to the greeting within 10 s", now);
            case STREAMING -> broken("no receipt within 30 s", now);
        };
    }

    private List<Action> connected(long now) {
        state = State.GREETING;
        deadline = now + GREETING_TIMEOUT;
        return List.of(new Action.Greet());
    }

    private List<Action> received(Frame frame, long now) {
        return switch (frame) {
            case Frame.Welcome welcome
            when state == State.GREETING -> {
                collector = welcome.collector();
                yield List.of(new Action.Begin(welcome));
            }
            case Frame.Receipt receipt when state == State.STREAMING -> receipt(receipt, now);
            case Frame.Refusal refusal -> {
                if (refusal.code() != Frame.RefusalCode.UNAVAILABLE) {
                    // Trying again soon would not help: somebody has to look at it.
                    wait = LONGEST_WAIT;
                }
                yield broken("the collector refuses: " + refusal.sentence(), now);
            }
            default -> broken("the collector sent a frame that does not belong here", now);
        };
    }

    private List<Action> receipt(Frame.Receipt receipt, long now) {
        if (collector == null || !receipt.stream().equals(stream) || !Receipts.holds(receipt, collector)) {
            return broken("the collector sent a receipt that it did not sign for this stream", now);
        }
        Sent last = null;
        for (Sent sent : underWay) {
            if (sent.sequence() == receipt.sequence()) {
                last = sent;
            }
        }
        if (last == null || !last.hash().equals(receipt.hash())) {
            return broken("the collector sent a receipt for a segment that was not sent", now);
        }
        while (!underWay.isEmpty() && underWay.peek().sequence() <= receipt.sequence()) {
            bytesUnderWay -= underWay.remove().length();
        }
        deadline = now + RECEIPT_TIMEOUT;
        wait = FIRST_WAIT;
        notice = "";
        return List.of(new Action.Acknowledge(receipt, last.nanos()));
    }

    /** In answer to {@link Action.Begin}: segments follow from where the collector's copy ends. */
    public void streamFrom(long now) {
        state = State.STREAMING;
        deadline = now + RECEIPT_TIMEOUT;
        notice = "";
    }

    /** In answer to {@link Action.Begin}: the collector's copy and the ring do not fit together. */
    public List<Action> refuse(String sentence, long now) {
        wait = LONGEST_WAIT;
        return broken(sentence, now);
    }

    /** Whether another segment may be sent now. */
    public boolean maySend() {
        return state == State.STREAMING
                && underWay.size() < WINDOW_SEGMENTS
                && (underWay.isEmpty() || bytesUnderWay < WINDOW_BYTES);
    }

    /** A segment was sent. */
    public void sent(long sequence, int length, Octets hash, long now) {
        if (underWay.isEmpty()) {
            deadline = now + RECEIPT_TIMEOUT;
        }
        underWay.add(new Sent(sequence, length, hash, now));
        bytesUnderWay += length;
    }

    private List<Action> broken(String reason, long now) {
        giveUp(reason, now);
        return List.of(new Action.Disconnect());
    }

    private void giveUp(String reason, long now) {
        if (state == State.WAITING) {
            return;
        }
        state = State.WAITING;
        notice = reason;
        collector = null;
        underWay.clear();
        bytesUnderWay = 0;
        deadline = now + wait / 2 + random.nextLong(wait / 2 + 1);
        wait = Math.min(2 * wait, LONGEST_WAIT);
    }
}
