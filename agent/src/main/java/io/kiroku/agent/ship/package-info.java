/** Sending the ring's segments to a collector, and taking its receipts. */
@NullMarked
package io.kiroku.agent.ship;

import org.jspecify.annotations.NullMarked;
