package io.kiroku.collector.ingest;

import io.kiroku.collector.config.CollectorConfig;
import java.time.Duration;

/**
 * What ingest takes at once.
 *
 * @param connections open at a time; one more is refused, or takes the {@link Places place} of one that has not greeted
 * @param connectionsOfAnAddress the same for one address: agents behind one NAT share it
 * @param unstoredBytes of frames being received, or received and not yet on stable storage, of all connections: beyond
 *     it nothing more is read. At least the length of the longest frame
 * @param connectionBytes the same for one connection; its last frame may go beyond it
 * @param connectionSegments segments of one connection that are not yet on stable storage
 * @param handshakes TLS handshakes under way at a time; one more is closed, or one that takes long
 * @param handshakesOfAnAddress the same for one address
 * @param handshake how long one may take
 * @param greeting how long a connection may be open without a greeting
 * @param silence how long a connection may be open without another frame
 * @param linger how long a refused connection is kept open, unread bytes being dropped, so that its agent can read why
 */
public record IngestLimits(
        int connections,
        int connectionsOfAnAddress,
        long unstoredBytes,
        long connectionBytes,
        int connectionSegments,
        int handshakes,
        int handshakesOfAnAddress,
        Duration handshake,
        Duration greeting,
        Duration silence,
        Duration linger) {
    /**
     * The bounds of a collector: half of the files that it may open are for agents; its unstored bytes lie outside the heap.
     */
    public static final IngestLimits DEFAULT = new IngestLimits(
            OpenFiles.share(CollectorConfig.MOST_CONNECTIONS, 2),
            CollectorConfig.CONNECTIONS_OF_AN_ADDRESS,
            Math.clamp(Runtime.getRuntime().maxMemory() / 4, 32L << 20, 256L << 20),
            32 << 20,
            256,
            1_000,
            64,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofMinutes(2),
            Duration.ofSeconds(2));

    /** The same with another bound for each address. */
    public IngestLimits withConnectionsOfAnAddress(int most) {
        return new IngestLimits(
                connections,
                most,
                unstoredBytes,
                connectionBytes,
                connectionSegments,
                handshakes,
                handshakesOfAnAddress,
                handshake,
                greeting,
                silence,
                linger);
    }
}
