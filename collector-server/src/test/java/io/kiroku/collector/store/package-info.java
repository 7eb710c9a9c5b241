/** Tests. */
@NullMarked
package io.kiroku.collector.store;

import org.jspecify.annotations.NullMarked;
