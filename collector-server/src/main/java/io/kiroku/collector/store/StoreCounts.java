package io.kiroku.collector.store;

/**
 * What a store holds, and what has become of it since it was opened.
 *
 * @param streams number of streams
 * @param segments number of segments on stable storage
 * @param storedBytes their length as stored
 * @param rawBytes the log bytes in them
 * @param contradictions how often a stream contradicted what it had said of its files
 * @param volumes number of volumes
 * @param tornTails how many torn tails were cut
 * @param damaged how many damaged places were seen when the store was opened
 * @param aside segments that lie aside
 * @param asideUnkept segments that were to be put aside and for which there was no room
 */
public record StoreCounts(
        long streams,
        long segments,
        long storedBytes,
        long rawBytes,
        long contradictions,
        long volumes,
        long tornTails,
        long damaged,
        long aside,
        long asideUnkept) {}
