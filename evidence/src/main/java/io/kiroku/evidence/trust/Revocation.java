package io.kiroku.evidence.trust;

import io.kiroku.evidence.record.Octets;
import java.time.Instant;

/**
 * The statement that a key was in other hands from a time on: what it signed before stays valid, if something else shows
 * that it was signed before.
 *
 * @param key the public key: of an agent's identity, of a collector's receipts, of a log or a witness
 * @param since from when on nothing that it signs counts
 * @param reason for people, on one line
 */
public record Revocation(Octets key, Instant since, String reason) {}
