package io.kiroku.evidence.time;

/** What a timestamping authority made of a request. */
public sealed interface TimestampAnswer {
    /**
     * A token that answers the request and is sound in itself. Whether its authority is to be trusted is for
     * {@link TimestampToken#verify}.
     */
    record Granted(TimestampToken token) implements TimestampAnswer {}

    /**
     * Nothing that could be kept.
     *
     * @param sentence what was expected and what was found
     */
    record Refused(Reason reason, String sentence) implements TimestampAnswer {}

    /** Why there is no token. */
    enum Reason {
        /** The authority says so: the status of its response is neither granted nor grantedWithMods. */
        REJECTED,
        /** What came is no timestamp response, or its token is none. */
        MALFORMED,
        /** The token is of other data. */
        OTHER_DATA,
        /** The token has another nonce or none: it may be the answer to an earlier request. */
        OTHER_NONCE,
        /** The signature, or the certificate that signed, does not hold. */
        UNSOUND
    }
}
