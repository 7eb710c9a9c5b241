/** Tests. */
@NullMarked
package io.kiroku.collector.serve;

import org.jspecify.annotations.NullMarked;
