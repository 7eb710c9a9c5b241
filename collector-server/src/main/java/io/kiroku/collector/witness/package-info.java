/**
 * A witness (C2SP tlog-witness): somebody else, who cosigns a log's checkpoint only if the log has grown from the one that
 * he cosigned before. It knows nothing of segments, and can be run by anybody, anywhere.
 */
@NullMarked
package io.kiroku.collector.witness;

import org.jspecify.annotations.NullMarked;
