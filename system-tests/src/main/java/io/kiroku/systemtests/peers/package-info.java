/** Other agents as they are measured beside this one, and the sink that they send to. */
@NullMarked
package io.kiroku.systemtests.peers;

import org.jspecify.annotations.NullMarked;
