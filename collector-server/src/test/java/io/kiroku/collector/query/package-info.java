/** Tests of what is asked of the store. */
@NullMarked
package io.kiroku.collector.query;

import org.jspecify.annotations.NullMarked;
