package io.kiroku.collector.access;

/** Somebody who can say whose a bearer token is (RFC 6750). */
public interface Voucher {
    /** Whether the token looks like one of his. Asks nobody. */
    boolean concerns(String token);

    /**
     * Whose token that is. May wait.
     *
     * @throws RefusedTokenException if it is nobody's, or not good any more
     * @throws AccessUnavailableException if that cannot be found out now
     */
    Caller caller(String token) throws RefusedTokenException;
}
