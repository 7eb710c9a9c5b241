/** The short form of a day. */
@NullMarked
package io.kiroku.systemtests.memory;

import org.jspecify.annotations.NullMarked;
