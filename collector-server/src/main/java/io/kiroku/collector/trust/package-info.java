/** Whose word counts at a collector: revoked keys, and what its log shows of when it had what. */
@NullMarked
package io.kiroku.collector.trust;

import org.jspecify.annotations.NullMarked;
