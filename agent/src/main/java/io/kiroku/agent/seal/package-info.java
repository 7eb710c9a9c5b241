/** From captured bytes to a kept link of the chain: sealing, the ratchet's keys, the ring. */
@NullMarked
package io.kiroku.agent.seal;

import org.jspecify.annotations.NullMarked;
