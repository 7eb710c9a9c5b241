/** Whose word counts, and until when: revoked keys, and what is known of when a log had which entries. */
@NullMarked
package io.kiroku.evidence.trust;

import org.jspecify.annotations.NullMarked;
