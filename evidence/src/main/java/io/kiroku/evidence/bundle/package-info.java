/**
 * The bundle: what is handed over, in one archive, and its offline check. No sockets and no clocks: what it says follows
 * from its bytes and from the keys that the reader trusts.
 */
@NullMarked
package io.kiroku.evidence.bundle;

import org.jspecify.annotations.NullMarked;
