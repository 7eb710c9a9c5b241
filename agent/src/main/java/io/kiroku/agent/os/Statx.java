package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct statx}, the same on all machines: statx(2), {@code linux/stat.h}.
 *
 * <pre>
 *   0 u32 stx_mask     16 u32 stx_nlink    28 u16 stx_mode     64 stx_atime   136 u32 stx_dev_major
 *   4 u32 stx_blksize  20 u32 stx_uid      32 u64 stx_ino      80 stx_btime   140 u32 stx_dev_minor
 *   8 u64 stx_attrib.  24 u32 stx_gid      40 u64 stx_size     96 stx_ctime   256 end
 *                                          48 u64 stx_blocks  112 stx_mtime
 *   struct statx_timestamp: 0 s64 tv_sec, 8 u32 tv_nsec, 16 end
 * </pre>
 */
final class Statx {
    static final int SIZE = 256;
    static final int ALIGNMENT = 8;

    /** {@code STATX_BTIME}. */
    static final int BIRTH = 0x800;

    /** {@code STATX_BASIC_STATS | STATX_BTIME}. */
    static final int WANTED = 0x7ff | BIRTH;

    private static final long NANOS = 1_000_000_000L;

    /** {@code stx_blocks} counts these, whatever the block size of the file system. */
    private static final long BLOCK = 512;

    private Statx() {}

    static FileStat parse(MemorySegment statx) {
        boolean born = (statx.get(JAVA_INT, 0) & BIRTH) != 0;
        return new FileStat(
                ((long) statx.get(JAVA_INT, 136) << 32) | Integer.toUnsignedLong(statx.get(JAVA_INT, 140)),
                statx.get(JAVA_LONG, 32),
                born ? nanos(statx, 80) : 0,
                statx.get(JAVA_LONG, 40),
                Short.toUnsignedInt(statx.get(JAVA_SHORT, 28)),
                statx.get(JAVA_INT, 16),
                nanos(statx, 112),
                statx.get(JAVA_INT, 20),
                statx.get(JAVA_INT, 24));
    }

    /** Bytes of disk that the file holds; more or less than its size. */
    static long allocated(MemorySegment statx) {
        return statx.get(JAVA_LONG, 48) * BLOCK;
    }

    /** Saturates: ext4 keeps times up to the year 2446, a long of ns ends in 2262. */
    private static long nanos(MemorySegment statx, long offset) {
        long seconds = statx.get(JAVA_LONG, offset);
        if (Math.abs(seconds) >= Long.MAX_VALUE / NANOS || seconds == Long.MIN_VALUE) {
            return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return seconds * NANOS + statx.get(JAVA_INT, offset + 8);
    }
}
