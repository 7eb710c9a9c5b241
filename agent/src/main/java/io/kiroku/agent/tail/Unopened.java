package io.kiroku.agent.tail;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * A file that was seen and could not be opened. It is tried again; if it goes before that, its bytes are lost.
 *
 * @param source the source that it belongs to
 * @param path where it was seen
 * @param identity which file it is: an inode's number is soon used again. Null if the kernel refused that as well
 * @param cause what the loss will be put down to
 * @param reason the same for people
 * @param symlink whether it was seen as a symlink, whose going is no loss
 * @param since when it was refused first, on the boot-time clock in nanoseconds
 * @param told whether that was recorded
 */
record Unopened(
        FilePath source,
        FilePath path,
        @Nullable FileIdentity identity,
        Entry.GapCause cause,
        String reason,
        boolean symlink,
        long since,
        boolean told) {
    /** Whether it cannot be a file of that source and identity, though they have the same inode. */
    boolean isOther(FilePath otherSource, @Nullable FileIdentity other) {
        return (identity == null || other == null) ? !source.equals(otherSource) : !identity.equals(other);
    }
}
