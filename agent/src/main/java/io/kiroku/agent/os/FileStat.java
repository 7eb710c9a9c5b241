package io.kiroku.agent.os;

/**
 * What statx(2) tells of a file.
 *
 * <p>(device, inode, birthNanos) is the identity of a file as far as the kernel knows one: an inode number is used
 * again soon after its file is gone, and a device number may change at a boot.
 *
 * @param device {@code stx_dev_major << 32 | stx_dev_minor}
 * @param inode number of the inode; unique in its file system while the file lives. Unsigned 64 bits
 * @param birthNanos when the inode was made, in ns since 1970 UTC; 0 where the file system does not record it
 *     ({@code stx_mask} without {@code STATX_BTIME}). Never changes, and cannot be set by a program
 * @param size in bytes
 * @param mode type and permissions, as {@code st_mode} has them
 * @param links number of names; 0 once the file is unlinked and only held open
 * @param modifiedNanos when the content was last written, in ns since 1970 UTC. Any owner can set it
 * @param uid the owner's user id, unsigned 32 bits
 * @param gid the owner's group id, unsigned 32 bits
 */
public record FileStat(
        long device,
        long inode,
        long birthNanos,
        long size,
        int mode,
        int links,
        long modifiedNanos,
        int uid,
        int gid) {
    /** {@code S_IFMT}, inode(7): the bits of the mode that hold the type. */
    private static final int TYPE = 0xf000;

    private static final int REGULAR = 0x8000;
    private static final int DIRECTORY = 0x4000;

    /** A regular file. */
    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    /** A directory. */
    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }
}
