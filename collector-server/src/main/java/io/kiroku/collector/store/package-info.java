/** The truth on disk: append-only volumes of verified segments, their derived catalogue, and the check of every byte. */
@NullMarked
package io.kiroku.collector.store;

import org.jspecify.annotations.NullMarked;
