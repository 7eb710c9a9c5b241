package io.kiroku.collector.audit;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;

/**
 * Where an event is on record.
 *
 * @param node the node whose agent captured it; of what came to the collector's webhook the collector's own name
 * @param stream the stream's id
 * @param segment the sequence of the segment in which its line ends
 * @param path the source's live name
 */
public record Seen(String node, Octets stream, long segment, FilePath path) {}
