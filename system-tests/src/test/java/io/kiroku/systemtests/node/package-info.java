/** The pretend node behaves as real ones do. */
@NullMarked
package io.kiroku.systemtests.node;

import org.jspecify.annotations.NullMarked;
