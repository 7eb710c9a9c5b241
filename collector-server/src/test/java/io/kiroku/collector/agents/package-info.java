@NullMarked
package io.kiroku.collector.agents;

import org.jspecify.annotations.NullMarked;
