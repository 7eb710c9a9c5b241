package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * What a selection came to.
 *
 * @param sources in the order in which they are to be shown
 * @param notes what the caller should know about the choice, a sentence each
 * @param includes whether a source, by stream and path, belongs to the selection; also for those that come later
 */
record Selected(List<Source> sources, List<String> notes, BiPredicate<Octets, FilePath> includes) {}
