/** The collector: verifies, stores and serves what agents ship. */
@NullMarked
package io.kiroku.collector;

import org.jspecify.annotations.NullMarked;
