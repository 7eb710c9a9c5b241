package io.kiroku.agent;

import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far the capturing thread has come, told to other threads.
 *
 * @param lost what was sealed and is declared lost since the start, by cause
 * @param segments segments sealed since the start
 * @param rawBytes log bytes in them
 * @param storedBytes their bytes in the ring
 */
record Progress(Tail.Standing following, Map<GapCause, Long> lost, long segments, long rawBytes, long storedBytes) {
    /** Only for the thread that captures. */
    static Progress of(Capture capture, Losses losses) {
        Sealer sealer = capture.sealer();
        return new Progress(
                capture.tail().standing(), losses.counts(), sealer.segments(), sealer.rawBytes(), sealer.storedBytes());
    }

    /**
     * With what other threads know.
     *
     * @param trouble the last trouble with the collector, or empty
     * @param clock how the node's clock stands against the collector's
     */
    AgentStatus status(Ring.Standing held, boolean connected, String trouble, Optional<Entry.Clock> clock) {
        return new AgentStatus(
                following.sources(),
                following.openFiles(),
                following.bytesRead(),
                rawBytes,
                storedBytes,
                segments,
                held.acknowledged(),
                held.newest(),
                following.bytesPending(),
                held.size(),
                held.usedBytes(),
                together(following.gaps(), lost),
                following.pins(),
                following.heldBytes(),
                following.pinRefusal(),
                connected,
                following.blocked(),
                following.caughtUp(),
                trouble.isEmpty() ? following.notice() : trouble,
                clock);
    }

    private static Map<GapCause, Long> together(Map<GapCause, Long> some, Map<GapCause, Long> others) {
        Map<GapCause, Long> all = new EnumMap<>(GapCause.class);
        all.putAll(some);
        others.forEach((cause, count) -> all.merge(cause, count, Long::sum));
        return all;
    }
}
