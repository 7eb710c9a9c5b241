/** Entries of a systemd journal as bytes: the journal export format, and what in it tells which unit an entry is of. */
@NullMarked
package io.kiroku.evidence.journal;

import org.jspecify.annotations.NullMarked;
