/** Who asks, what he may see, and the one place where that is decided and written down. */
@NullMarked
package io.kiroku.collector.access;

import org.jspecify.annotations.NullMarked;
