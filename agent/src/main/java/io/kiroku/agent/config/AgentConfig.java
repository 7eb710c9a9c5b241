package io.kiroku.agent.config;

import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.tail.PathPattern;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent is told.
 *
 * @param node the node's name, 1 to 253 bytes of UTF-8
 * @param state directory on disk that outlives a reboot: ring and identity
 * @param keys directory on memory-backed storage: the ratchet's private key
 * @param collector where to send segments; a name that is not resolved is looked up at each connection
 * @param podLogs the kubelet's pod log directory, if pods are to be followed
 * @param journals the journals to follow
 * @param globs further files to follow, absolute paths with wildcards
 * @param ringBytes size of the ring, at least 16 MiB
 * @param whenFull what happens when the ring is full of segments without a receipt
 * @param pins where followed files are pinned: a directory on the mount of the logs; inside the state directory if empty
 * @param pinBytes how many bytes may be on disk only because the agent holds them, from 0
 * @param metrics where to listen for metrics, loopback only; nowhere if empty
 * @param tls how the collector is spoken to over TLS; if empty it is spoken to in plain text, on loopback only
 */
public record AgentConfig(
        String node,
        Path state,
        Path keys,
        InetSocketAddress collector,
        Optional<String> podLogs,
        List<String> globs,
        JournalChoice journals,
        long ringBytes,
        WhenFull whenFull,
        Optional<Path> pins,
        long pinBytes,
        Optional<InetSocketAddress> metrics,
        Optional<CollectorTls> tls) {
    /** The smallest ring. */
    public static final long LEAST_RING = 16L << 20;

    /** The largest ring. */
    public static final long MOST_RING = 1L << 40;

    /** Bytes that may be on disk only because the agent holds them, if nothing else is said. */
    public static final long PIN_BYTES = 2L << 30;

    /** The most that can be said. */
    public static final long MOST_PIN_BYTES = 1L << 40;

    /** Files held open at most. */
    public static final int MOST_FILES = 10_000;

    /** How long an agent that is asked to end reads on, and then waits for receipts, each. */
    public static final long LINGER_NANOS = 3_000_000_000L;

    /** @throws IllegalArgumentException with one sentence if any of it is out of bounds */
    public AgentConfig {
        int nodeLength = node.getBytes(StandardCharsets.UTF_8).length;
        if (nodeLength < 1 || nodeLength > 253) {
            throw new IllegalArgumentException("a node's name has 1 to 253 bytes, this one has " + nodeLength);
        }
        if (ringBytes < LEAST_RING || ringBytes > MOST_RING) {
            throw new IllegalArgumentException(
                    "a ring has %d to %d bytes, not %d".formatted(LEAST_RING, MOST_RING, ringBytes));
        }
        if (pinBytes < 0 || pinBytes > MOST_PIN_BYTES) {
            throw new IllegalArgumentException("the agent may hold 0 to %d bytes of files that nobody else has, not %d"
                    .formatted(MOST_PIN_BYTES, pinBytes));
        }
        if (podLogs.isEmpty() && globs.isEmpty() && journals.directories().isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing to follow: expected a pod log directory, a path of logs or a journal");
        }
        if (metrics.isPresent() && !metrics.get().getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "metrics are served on loopback only, until callers can be known; not on " + metrics.get());
        }
        if (tls.isEmpty() && !isLoopback(collector)) {
            throw new IllegalArgumentException(
                    "the collector %s is not on this machine, and without TLS it would be spoken to in plain text: give the agent --tls DIR or --enroll FILE"
                            .formatted(collector.getHostString()));
        }
        globs = List.copyOf(globs);
        patterns(podLogs, globs);
    }

    /** An agent whose collector is on the same machine. */
    public AgentConfig(
            String node,
            Path state,
            Path keys,
            InetSocketAddress collector,
            Optional<String> podLogs,
            List<String> globs,
            JournalChoice journals,
            long ringBytes,
            WhenFull whenFull,
            Optional<Path> pins,
            long pinBytes,
            Optional<InetSocketAddress> metrics) {
        this(
                node,
                state,
                keys,
                collector,
                podLogs,
                globs,
                journals,
                ringBytes,
                whenFull,
                pins,
                pinBytes,
                metrics,
                Optional.empty());
    }

    private static boolean isLoopback(InetSocketAddress address) {
        InetAddress known = address.isUnresolved()
                ? new InetSocketAddress(address.getHostString(), address.getPort()).getAddress()
                : address.getAddress();
        return known != null && known.isLoopbackAddress();
    }

    /** The files to follow: the kubelet's live logs, and what else was asked for. */
    public List<PathPattern> patterns() {
        return patterns(podLogs, globs);
    }

    private static List<PathPattern> patterns(Optional<String> podLogs, List<String> globs) {
        List<PathPattern> patterns = new ArrayList<>();
        podLogs.ifPresent(directory -> patterns.add(PathPattern.below(directory, "*/*/*.log")));
        globs.forEach(glob -> patterns.add(PathPattern.parse(glob)));
        return patterns;
    }
}
