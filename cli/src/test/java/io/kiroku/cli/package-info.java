/** Tests of the command line, in this process. */
@NullMarked
package io.kiroku.cli;

import org.jspecify.annotations.NullMarked;
