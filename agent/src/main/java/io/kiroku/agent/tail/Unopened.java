package io.kiroku.agent.tail;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;

/**
 * A file that was seen and could not be opened. It is tried again; if it goes before that, its bytes are lost.
 *
 * @param source the source that it belongs to
 * @param path where it was seen
 * @param cause what the loss will be put down to
 * @param reason the same for people
 * @param symlink whether it was seen as a symlink, whose going is no loss
 * @param since when it was refused first, on the boot-time clock in nanoseconds
 * @param told whether that was recorded
 */
record Unopened(
        FilePath source,
        FilePath path,
        Entry.GapCause cause,
        String reason,
        boolean symlink,
        long since,
        boolean told) {}
