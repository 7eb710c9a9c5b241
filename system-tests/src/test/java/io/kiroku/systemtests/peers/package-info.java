/** Tests of how the sink reads what other agents send. */
@NullMarked
package io.kiroku.systemtests.peers;

import org.jspecify.annotations.NullMarked;
