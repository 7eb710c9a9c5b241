/** What a collector is told at its start, checked before anything is opened. */
@NullMarked
package io.kiroku.collector.config;

import org.jspecify.annotations.NullMarked;
