package io.kiroku.systemtests.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** Segments that come to the collector once more in a later connection, though they had their receipt. */
final class Repeats {
    private static final int REMEMBERED = 12;

    private record Sent(long sequence, ByteBuffer frame) {}

    private final RandomGenerator random;
    private final Deque<Sent> sent = new ArrayDeque<>();
    private long acknowledged;
    private int oneIn = Integer.MAX_VALUE;

    Repeats(RandomGenerator random) {
        this.random = random;
    }

    /** From now on one of so many connections begins with what was sent before. */
    void begin(int inConnections) {
        oneIn = inConnections;
    }

    /** The collector has lost what it had: what was sent before would come ahead of it. */
    void forget() {
        sent.clear();
    }

    void end() {
        oneIn = Integer.MAX_VALUE;
    }

    /** An agent has sent a segment. */
    void sent(long sequence, ByteBuffer frame) {
        if (sent.size() == REMEMBERED) {
            sent.remove();
        }
        sent.add(new Sent(sequence, frame.duplicate()));
    }

    /** An agent has its receipt. */
    void acknowledged(long sequence) {
        acknowledged = Math.max(acknowledged, sequence);
    }

    /** An agent has greeted. */
    void greeted(Connection connection) {
        if (oneIn < Integer.MAX_VALUE && random.nextInt(oneIn) == 0) {
            sent.stream()
                    .skip(random.nextInt(sent.size() + 1))
                    .filter(each -> each.sequence() <= acknowledged)
                    .forEach(each -> connection.repeatToCollector(each.frame()));
        }
    }
}
