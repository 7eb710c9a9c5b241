/** The verifier: sealed verdicts on integrity and completeness. */
@NullMarked
package io.kiroku.evidence.verify;

import org.jspecify.annotations.NullMarked;
