/** The agent: one process on every node. */
@NullMarked
package io.kiroku.agent;

import org.jspecify.annotations.NullMarked;
