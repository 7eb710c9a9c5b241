package io.kiroku.evidence.time;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a timestamp says of data. Bad evidence is such a value, never an exception. */
public sealed interface TimestampVerdict {
    default boolean holds() {
        return this instanceof Holds;
    }

    /**
     * The data existed at that time, as an authority that is trusted says.
     *
     * @param time the token's genTime, not rounded
     * @param accuracy the time may be off by so much in each direction; null where the token does not say (RFC 3161,
     *     section 2.4.2: its policy may)
     * @param tsa subject of the certificate that signed, as RFC 2253 writes it, at most 200 characters of it
     * @param serial the token's, unique for the authority
     */
    record Holds(Instant time, @Nullable Duration accuracy, String tsa, BigInteger serial)
            implements TimestampVerdict {}

    /**
     * The token proves nothing of the data.
     *
     * @param sentence what was expected and what was found
     */
    record Fails(String sentence) implements TimestampVerdict {}
}
