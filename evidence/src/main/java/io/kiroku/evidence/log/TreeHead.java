package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;

/**
 * A tree at one size.
 *
 * @param size its entries, from 0
 * @param root its root hash, 32 bytes
 */
public record TreeHead(long size, Octets root) {}
