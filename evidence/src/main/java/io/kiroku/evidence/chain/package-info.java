/** The hash chain of headers and the key ratchet that signs them. */
@NullMarked
package io.kiroku.evidence.chain;

import org.jspecify.annotations.NullMarked;
