/**
 * Trusted time: timestamps of others over our bytes (RFC 3161, RFC 5816), and evidence records (RFC 4998) that renew them
 * before certificates and algorithms wear out.
 */
@NullMarked
package io.kiroku.evidence.time;

import org.jspecify.annotations.NullMarked;
