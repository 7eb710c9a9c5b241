/** Loads and blows under which other agents lose log lines, and the reckoning of what is there afterwards. */
@NullMarked
package io.kiroku.systemtests.loss;

import org.jspecify.annotations.NullMarked;
