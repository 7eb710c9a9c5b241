package io.kiroku.collector.agents;

import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A node's key.
 *
 * @param key SHA-256 of the public key in the certificates that the node shows (SubjectPublicKeyInfo), 64 hexadecimal digits
 * @param node the node's name
 * @param since when it was pinned
 * @param stream the stream that is written with it: the first that was; null before
 * @param end why it holds no more; null while it does
 */
public record Pin(
        String key,
        String node,
        Instant since,
        @Nullable Octets stream,
        @Nullable End end) {
    /** Why a key may not be used any more. */
    public enum Reason {
        REVOKED,
        REPLACED
    }

    /** The end of a key. */
    public record End(Reason reason, Instant at) {}

    /** Whether the key may be used. */
    public boolean isActive() {
        return end == null;
    }
}
