/** Journals of a real systemd-journald, captured by a real agent. */
@NullMarked
package io.kiroku.systemtests.journal;

import org.jspecify.annotations.NullMarked;
