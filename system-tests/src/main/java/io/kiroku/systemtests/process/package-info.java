/** The program under test, run as its users run it. */
@NullMarked
package io.kiroku.systemtests.process;

import org.jspecify.annotations.NullMarked;
