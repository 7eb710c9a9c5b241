/** Under the loads that cost others their lines, nothing is lost without a word. */
@NullMarked
package io.kiroku.systemtests.loss;

import org.jspecify.annotations.NullMarked;
