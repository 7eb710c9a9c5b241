/**
 * An agent and a collector of the product's own parts, wired to each other in one thread, without sockets: for what is to
 * be measured or repeated without their threads.
 */
@NullMarked
package io.kiroku.systemtests.direct;

import org.jspecify.annotations.NullMarked;
