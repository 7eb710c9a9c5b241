/** The HTTP edge: health, metrics, and the place where an API is mounted. */
@NullMarked
package io.kiroku.collector.serve;

import org.jspecify.annotations.NullMarked;
