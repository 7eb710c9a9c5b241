/** Who did what to the evidence: a stream of the collector's own that is written before anything is answered, and its reading. */
@NullMarked
package io.kiroku.collector.custody;

import org.jspecify.annotations.NullMarked;
