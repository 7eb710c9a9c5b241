/** TLS 1.3 between the parts of Kiroku: certificates and keys from a directory, whom to believe, and what to say if not. */
@NullMarked
package io.kiroku.tls;

import org.jspecify.annotations.NullMarked;
