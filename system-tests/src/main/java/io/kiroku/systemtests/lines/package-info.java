/** Log lines with numbers, so that one that is missing or comes twice is found by what it says. */
@NullMarked
package io.kiroku.systemtests.lines;

import org.jspecify.annotations.NullMarked;
