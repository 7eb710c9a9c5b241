@NullMarked
package io.kiroku.collector.audit;

import org.jspecify.annotations.NullMarked;
