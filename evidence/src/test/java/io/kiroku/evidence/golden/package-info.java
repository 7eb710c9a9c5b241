/** The golden vector: three segments that every writer must make and every reader must read. */
@NullMarked
package io.kiroku.evidence.golden;

import org.jspecify.annotations.NullMarked;
