/** The fixed-size buffer of sealed segments on the node's disk. */
@NullMarked
package io.kiroku.agent.ring;

import org.jspecify.annotations.NullMarked;
