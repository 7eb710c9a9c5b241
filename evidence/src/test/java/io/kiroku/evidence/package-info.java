/** What the tests of the evidence share: seeded choices, streams to take apart, and the golden vector. */
@NullMarked
package io.kiroku.evidence;

import org.jspecify.annotations.NullMarked;
