/** What is handed over of a store: the segments that hold a selection, and what proves them. */
@NullMarked
package io.kiroku.collector.export;

import org.jspecify.annotations.NullMarked;
