package io.kiroku.agent.metrics;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.Map;
import java.util.Optional;

/**
 * What an agent has done since it started, and what is left to do.
 *
 * @param sources origins that are followed
 * @param openFiles files that are held open
 * @param bytesRead log bytes read
 * @param bytesSealed log bytes in sealed segments
 * @param bytesStored those segments' bytes in the ring
 * @param segmentsSealed segments sealed
 * @param segmentsAcknowledged of all segments in the ring, the highest that the collector has on stable storage
 * @param segmentsNewest of all segments in the ring, the highest
 * @param bytesPending log bytes that are known to be there and were not read yet
 * @param ringBytes size of the ring
 * @param ringUsedBytes how much of it holds segments
 * @param gaps losses recorded since it started, by cause
 * @param pinnedFiles files that are kept by hard links of the agent's own
 * @param heldBytes bytes that are on disk only because the agent holds them
 * @param pinRefusal why some files are not pinned, in one sentence, or empty
 * @param connected whether a collector takes segments
 * @param blocked whether reading stands still because the ring is full
 * @param caughtUp whether everything that is known to be there has been read
 * @param notice the last trouble in one sentence, or empty
 * @param clock how the node's clock stands against the collector's; empty before the first connection
 */
public record AgentStatus(
        long sources,
        long openFiles,
        long bytesRead,
        long bytesSealed,
        long bytesStored,
        long segmentsSealed,
        long segmentsAcknowledged,
        long segmentsNewest,
        long bytesPending,
        long ringBytes,
        long ringUsedBytes,
        Map<GapCause, Long> gaps,
        long pinnedFiles,
        long heldBytes,
        String pinRefusal,
        boolean connected,
        boolean blocked,
        boolean caughtUp,
        String notice,
        Optional<Entry.Clock> clock) {
    /** Of an agent that has not begun to follow anything. */
    public static AgentStatus waiting(long segmentsNewest, long ringBytes, boolean connected, String notice) {
        return new AgentStatus(
                0,
                0,
                0,
                0,
                0,
                0,
                segmentsNewest,
                segmentsNewest,
                0,
                ringBytes,
                0,
                Map.of(),
                0,
                0,
                "",
                connected,
                false,
                false,
                notice,
                Optional.empty());
    }

    /** All losses recorded. */
    public long gapCount() {
        return gaps.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether everything that is known to be there has a receipt. */
    public boolean isAcknowledged() {
        return caughtUp && bytesRead == bytesSealed && segmentsAcknowledged == segmentsNewest;
    }
}
