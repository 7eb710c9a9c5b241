@NullMarked
package io.kiroku.collector.enrol;

import org.jspecify.annotations.NullMarked;
