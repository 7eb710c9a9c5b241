/** Numbers of lines are followed as they should be. */
@NullMarked
package io.kiroku.systemtests.lines;

import org.jspecify.annotations.NullMarked;
