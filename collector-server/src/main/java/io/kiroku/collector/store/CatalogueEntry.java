package io.kiroku.collector.store;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.List;

/**
 * A stored segment without its payload.
 *
 * @param number of its record, from 1
 * @param entries its manifest
 */
public record CatalogueEntry(long number, Place place, SegmentHeader header, List<Entry> entries) {}
