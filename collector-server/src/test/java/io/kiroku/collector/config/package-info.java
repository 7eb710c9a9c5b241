/** Tests. */
@NullMarked
package io.kiroku.collector.config;

import org.jspecify.annotations.NullMarked;
