/** Files that survive a crash: the one place that knows in which order to write and sync. */
@NullMarked
package io.kiroku.evidence.durable;

import org.jspecify.annotations.NullMarked;
