/** The plugin of kubectl, as it is installed and called. */
@NullMarked
package io.kiroku.systemtests.kubectl;

import org.jspecify.annotations.NullMarked;
