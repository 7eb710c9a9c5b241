/** The golden vector: four segments that every writer must make and every reader must read. */
@NullMarked
package io.kiroku.evidence.golden;

import org.jspecify.annotations.NullMarked;
