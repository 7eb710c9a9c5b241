@NullMarked
package io.kiroku.collector.own;

import org.jspecify.annotations.NullMarked;
