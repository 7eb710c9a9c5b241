/** The byte layout of a segment, its writer and its reader. */
@NullMarked
package io.kiroku.evidence.segment;

import org.jspecify.annotations.NullMarked;
