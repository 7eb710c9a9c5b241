/** What API servers audit: taken from their webhook, put on record, and read again from every source that has it. */
@NullMarked
package io.kiroku.collector.audit;

import org.jspecify.annotations.NullMarked;
