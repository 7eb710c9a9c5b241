/** What is asked of the store: which sources there are, and what they said. */
@NullMarked
package io.kiroku.collector.query;

import org.jspecify.annotations.NullMarked;
