/** Follows systemd journals: every entry once, in order, in the journal export format; what is missing as a loss. */
@NullMarked
package io.kiroku.agent.journal;

import org.jspecify.annotations.NullMarked;
