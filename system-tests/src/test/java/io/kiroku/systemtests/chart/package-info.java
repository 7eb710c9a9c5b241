/** The Helm chart, rendered by Helm itself. */
@NullMarked
package io.kiroku.systemtests.chart;

import org.jspecify.annotations.NullMarked;
