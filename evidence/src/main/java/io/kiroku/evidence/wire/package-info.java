/** The frames between an agent and a collector, and their codec. */
@NullMarked
package io.kiroku.evidence.wire;

import org.jspecify.annotations.NullMarked;
