package io.kiroku.collector;

/**
 * How a collector is doing.
 *
 * @param connections of agents that are open
 * @param streamsConnected streams that have one
 * @param streams ever stored
 * @param segments on stable storage
 * @param storedBytes their length as stored
 * @param rawBytes the log bytes in them
 * @param unstoredBytes received and not yet on stable storage
 * @param receipts sent since the start
 * @param refusals sent since the start
 * @param aside segments that did not fit and lie aside
 * @param freeBytes that can still be written, -1 if that cannot be told
 * @param notice what keeps it from storing, in one sentence; empty if nothing does
 */
public record CollectorStatus(
        int connections,
        long streamsConnected,
        long streams,
        long segments,
        long storedBytes,
        long rawBytes,
        long unstoredBytes,
        long receipts,
        long refusals,
        long aside,
        long freeBytes,
        String notice) {}
