@NullMarked
package io.kiroku.collector.custody;

import org.jspecify.annotations.NullMarked;
