package io.kiroku.evidence.record;

/**
 * What the kernel tells two files apart by. Never enough by itself across a deletion: inodes are reused, device numbers
 * change at boot; the {@link Fingerprint} decides then.
 *
 * @param device major number in the upper 32 bits, minor in the lower (statx {@code stx_dev_*})
 * @param inode statx {@code stx_ino}
 * @param birthNanos time of creation, nanoseconds since the Unix epoch, 0 where the file system keeps none
 *     (statx {@code stx_btime})
 */
public record FileIdentity(long device, long inode, long birthNanos) {
    /** Bytes in the manifest. */
    static final int LENGTH = 24;
}
