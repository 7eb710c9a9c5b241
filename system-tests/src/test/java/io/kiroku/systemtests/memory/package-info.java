@NullMarked
package io.kiroku.systemtests.memory;

import org.jspecify.annotations.NullMarked;
