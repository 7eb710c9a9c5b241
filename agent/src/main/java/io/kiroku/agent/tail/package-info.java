/** Following log files: where they are, what is new in them, and when they end. */
@NullMarked
package io.kiroku.agent.tail;

import org.jspecify.annotations.NullMarked;
