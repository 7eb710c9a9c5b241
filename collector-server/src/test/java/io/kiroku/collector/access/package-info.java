/** Tests of who is let in to what. */
@NullMarked
package io.kiroku.collector.access;

import org.jspecify.annotations.NullMarked;
