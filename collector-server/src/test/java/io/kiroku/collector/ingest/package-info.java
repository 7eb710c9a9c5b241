/** Tests. */
@NullMarked
package io.kiroku.collector.ingest;

import org.jspecify.annotations.NullMarked;
