/** Trouble made on purpose: connections that break, evidence that is tampered with, agents that lie. */
@NullMarked
package io.kiroku.systemtests.faults;

import org.jspecify.annotations.NullMarked;
