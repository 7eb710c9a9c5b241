/** What an agent says of itself. */
@NullMarked
package io.kiroku.agent.metrics;

import org.jspecify.annotations.NullMarked;
