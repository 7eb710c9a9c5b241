/** Tests of what the build makes for others to run: the launcher, and the directory that it runs from. */
@NullMarked
package io.kiroku.systemtests.distribution;

import org.jspecify.annotations.NullMarked;
