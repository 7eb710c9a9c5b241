/** Tests of what is known of pods. */
@NullMarked
package io.kiroku.collector.pods;

import org.jspecify.annotations.NullMarked;
